/* Memory maps changed by workers while others run: what one maps, protects or unmaps, all see. */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include "threads.h"

enum { PAGE = 4096, TEAM = 4 };
static unsigned char *shared;
static pthread_barrier_t barrier;
static __thread sigjmp_buf resume;
static void leave(int signal) { siglongjmp(resume, signal); }
static int faults(volatile unsigned char *at, int write) {
  if (sigsetjmp(resume, 1)) return 1;
  if (write) *at = 1;
  else (void)*at;
  return 0;
}

static void *work(void *argument) {
  const intptr_t self = (intptr_t)argument;
  intptr_t score = 0;
  for (int round = 0; round < 10; round++) {
    const int chief = round % TEAM == self;
    if (chief) {
      shared = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      CHECK(shared != MAP_FAILED);
    }
    pthread_barrier_wait(&barrier);
    score += shared[self * PAGE] == 0;
    shared[self * PAGE + 5] = (unsigned char)(self + round);
    pthread_barrier_wait(&barrier);
    score += shared[(self + 1) % TEAM * PAGE + 5] == (unsigned char)((self + 1) % TEAM + round);
    pthread_barrier_wait(&barrier);
    if (chief) CHECK(mprotect(shared + PAGE, PAGE, PROT_READ) == 0);
    pthread_barrier_wait(&barrier);
    score += faults(shared + PAGE + 9, 1) && !faults(shared + PAGE + 9, 0) && !faults(shared + 2 * PAGE + 9 + self, 1);
    pthread_barrier_wait(&barrier);
    if (chief) CHECK(munmap(shared, 4 * PAGE) == 0);
    pthread_barrier_wait(&barrier);
    score += faults(shared + 3 * PAGE, 0);
    pthread_barrier_wait(&barrier);
  }
  return (void *)score;
}

int main(void) {
  struct sigaction action = {.sa_handler = leave};
  sigaction(SIGSEGV, &action, NULL);
  pthread_barrier_init(&barrier, NULL, TEAM);
  printf("score %ld of %d\n", run_team(TEAM, work), 10 * TEAM * 4);
  return 0;
}
