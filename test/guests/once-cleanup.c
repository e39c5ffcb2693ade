/* pthread_once, cleanup handlers that run on pthread_exit, and a join with a thread's value. */
#include "threads.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int initialised, cleaned, seen_ready;
static int *ready;

static void initialise(void) {
  usleep(1000);
  initialised++;
  ready = malloc(sizeof *ready);
  *ready = 42;
}
static void cleanup(void *by) { __atomic_add_fetch(&cleaned, (int)(intptr_t)by, __ATOMIC_RELAXED); }

__attribute__((noinline)) static void leave(intptr_t value) { pthread_exit((void *)value); }

static void *work(void *argument) {
  const intptr_t self = (intptr_t)argument;
  pthread_once(&once, initialise);
  __atomic_add_fetch(&seen_ready, *ready == 42, __ATOMIC_RELAXED);
  pthread_cleanup_push(cleanup, (void *)100);
  pthread_cleanup_push(cleanup, (void *)(self + 1));
  if (self % 2) leave(self * 10);
  pthread_cleanup_pop(self % 4 == 0);
  pthread_cleanup_pop(0);
  return (void *)self;
}

int main(void) {
  const long total = run_team(10, work);
  printf("initialised %d ready %d cleaned %d total %ld\n", initialised, seen_ready, cleaned, total);
  return 0;
}
