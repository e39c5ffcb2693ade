/* Robust mutexes whose owners end without unlocking: whoever locks next is told, waiting already or not. */
#include <errno.h>
#include <string.h>
#include "threads.h"

#define ROUNDS 20

static pthread_mutex_t first, second, abandoned;
static pthread_barrier_t barrier;

static void make(pthread_mutex_t *mutex) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
  CHECK(pthread_mutex_init(mutex, &attributes) == 0);
}

static void *takes_both(void *argument) {
  CHECK(pthread_mutex_lock(&first) == 0 && pthread_mutex_lock(&second) == 0);
  return argument;
}

/* Ends with the mutex while others wait for it. */
static void *takes_and_is_waited_for(void *argument) {
  CHECK(pthread_mutex_lock(&first) == 0);
  pthread_barrier_wait(&barrier);
  usleep(20000);
  return argument;
}
static void *waits(void *argument) {
  (void)argument;
  pthread_barrier_wait(&barrier);
  const int result = pthread_mutex_lock(&first);
  if (result == EOWNERDEAD) CHECK(pthread_mutex_consistent(&first) == 0);
  else CHECK(result == 0);
  CHECK(pthread_mutex_unlock(&first) == 0);
  return (void *)(intptr_t)(result == EOWNERDEAD);
}

static void *takes_abandoned(void *argument) {
  CHECK(pthread_mutex_lock(&abandoned) == 0);
  return argument;
}

int main(void) {
  pthread_t threads[4];
  make(&first);
  make(&second);
  make(&abandoned);
  int told = 0;
  for (int round = 0; round < ROUNDS; round++) {
    CHECK(pthread_create(&threads[0], NULL, takes_both, NULL) == 0 && pthread_join(threads[0], NULL) == 0);
    told += pthread_mutex_lock(&second) == EOWNERDEAD;
    told += pthread_mutex_trylock(&first) == EOWNERDEAD;
    CHECK(pthread_mutex_consistent(&first) == 0 && pthread_mutex_consistent(&second) == 0);
    CHECK(pthread_mutex_unlock(&first) == 0 && pthread_mutex_unlock(&second) == 0);
  }
  printf("told after the end: %d of %d\n", told, 2 * ROUNDS);

  pthread_barrier_init(&barrier, NULL, 4);
  told = 0;
  for (int round = 0; round < ROUNDS; round++) {
    CHECK(pthread_create(&threads[0], NULL, takes_and_is_waited_for, NULL) == 0);
    for (int i = 1; i < 4; i++) CHECK(pthread_create(&threads[i], NULL, waits, NULL) == 0);
    for (int i = 0; i < 4; i++) {
      void *result;
      CHECK(pthread_join(threads[i], &result) == 0);
      told += result != NULL;
    }
  }
  printf("told while waiting: %d of %d\n", told, ROUNDS);

  CHECK(pthread_create(&threads[0], NULL, takes_abandoned, NULL) == 0 && pthread_join(threads[0], NULL) == 0);
  const int dead = pthread_mutex_lock(&abandoned);
  pthread_mutex_unlock(&abandoned);
  printf("not made consistent: %s, then %s\n", strerror(dead), strerror(pthread_mutex_lock(&abandoned)));
  return 0;
}
