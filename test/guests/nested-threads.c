/* Threads that create threads, four levels deep, each joined by its maker. */
#include "threads.h"

static int made;

static void *work(void *argument) {
  const intptr_t depth = (intptr_t)argument;
  __atomic_add_fetch(&made, 1, __ATOMIC_RELAXED);
  if (depth == 0) return (void *)1;
  pthread_t children[2];
  intptr_t sum = depth;
  for (int i = 0; i < 2; i++) CHECK(pthread_create(&children[i], NULL, work, (void *)(depth - 1)) == 0);
  for (int i = 0; i < 2; i++) {
    void *result;
    CHECK(pthread_join(children[i], &result) == 0);
    sum += (intptr_t)result * (i + 1);
  }
  return (void *)sum;
}

int main(void) {
  const intptr_t result = (intptr_t)work((void *)4);
  printf("made %d result %ld\n", made, (long)result);
  return 0;
}
