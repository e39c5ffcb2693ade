/* Phases between barriers: each thread reads what its neighbours wrote in the phase before. */
#include "threads.h"

enum { TEAM = 6, CELLS = 60, PHASES = 60 };
static pthread_barrier_t barrier;
static uint32_t cells[2][CELLS];
static int serial;

static void *work(void *argument) {
  const int from = (int)(intptr_t)argument * CELLS / TEAM, to = ((int)(intptr_t)argument + 1) * CELLS / TEAM;
  for (int phase = 0; phase < PHASES; phase++) {
    const uint32_t *now = cells[phase & 1];
    uint32_t *next = cells[!(phase & 1)];
    for (int i = from; i < to; i++) next[i] = now[i] * 3 + now[(i + 1) % CELLS] - now[(i + CELLS - 1) % CELLS] + (uint32_t)phase;
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED);
  }
  return NULL;
}

int main(void) {
  for (uint32_t i = 0; i < CELLS; i++) cells[0][i] = i * i;
  CHECK(pthread_barrier_init(&barrier, NULL, TEAM) == 0);
  run_team(TEAM, work);
  printf("cells %08x serial %d\n", checksum(CHECKSUM_START, cells[PHASES & 1], sizeof cells[0]), serial);
  return 0;
}
