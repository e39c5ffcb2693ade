/* A thousand short threads, one after another, then sixty-four at once. */
#include "threads.h"

static int ran;

static void *work(void *argument) {
  __atomic_add_fetch(&ran, 1, __ATOMIC_RELAXED);
  return (void *)((intptr_t)argument * 3);
}

int main(void) {
  long total = 0;
  for (intptr_t i = 0; i < 1000; i++) {
    pthread_t thread;
    void *result;
    CHECK(pthread_create(&thread, NULL, work, (void *)i) == 0);
    CHECK(pthread_join(thread, &result) == 0);
    total += (long)(intptr_t)result;
  }
  printf("ran %d total %ld\n", ran, total);
  printf("together %ld\n", run_team(64, work));
  return 0;
}
