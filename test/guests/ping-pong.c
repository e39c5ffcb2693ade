/* Two threads take turns by a condition variable; then eight in a ring; then a broadcast starts all. */
#include "threads.h"

enum { TURNS = 500, RING = 8 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed[RING + 1] = {[0 ... RING] = PTHREAD_COND_INITIALIZER};
static int turn, started;
static char order[2 * TURNS + 1];
static int length, lap_sum;

static void *player(void *argument) {
  const int self = (int)(intptr_t)argument;
  for (int i = 0; i < TURNS; i++) {
    pthread_mutex_lock(&lock);
    while (turn != self) pthread_cond_wait(&changed[self], &lock);
    order[length++] = (char)('a' + self);
    turn = !self;
    pthread_cond_signal(&changed[!self]);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

static void *runner(void *argument) {
  const int self = (int)(intptr_t)argument;
  pthread_mutex_lock(&lock);
  while (!started) pthread_cond_wait(&changed[RING], &lock);
  pthread_mutex_unlock(&lock);
  for (int lap = 0; lap < 40; lap++) {
    pthread_mutex_lock(&lock);
    while (turn != self) pthread_cond_wait(&changed[self], &lock);
    lap_sum = lap_sum * 3 + self + lap;
    turn = (self + 1) % RING;
    pthread_cond_signal(&changed[turn]);
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

static void *starter(void *argument) {
  if (argument == NULL) {
    usleep(2000);
    pthread_mutex_lock(&lock);
    started = 1;
    pthread_cond_broadcast(&changed[RING]);
    pthread_mutex_unlock(&lock);
    return NULL;
  }
  return runner((void *)((intptr_t)argument - 1));
}

int main(void) {
  run_team(2, player);
  for (int i = 0; i < length; i++) CHECK(order[i] == "ab"[i % 2]);
  printf("turns %d %08x\n", length, checksum(CHECKSUM_START, order, (size_t)length));
  turn = 0;
  run_team(RING + 1, starter);
  printf("laps %d\n", lap_sum);
  return 0;
}
