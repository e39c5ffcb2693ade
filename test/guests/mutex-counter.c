/* Counters under mutexes of every kind; a recursive one; an error-checking one; trylock. */
#include <errno.h>
#include "threads.h"

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, recursive, checking;
static long counter, nested, tried;

static void *work(void *argument) {
  long misses = 0;
  for (int i = 0; i < 2000; i++) {
    pthread_mutex_lock(&plain);
    counter += (intptr_t)argument + 1;
    pthread_mutex_unlock(&plain);
    if (i % 10 == 0) {
      pthread_mutex_lock(&recursive);
      pthread_mutex_lock(&recursive);
      nested++;
      pthread_mutex_unlock(&recursive);
      pthread_mutex_unlock(&recursive);
      while (pthread_mutex_trylock(&checking) != 0) misses++, sched_yield();
      tried++;
      CHECK(pthread_mutex_lock(&checking) == EDEADLK);
      CHECK(pthread_mutex_unlock(&checking) == 0);
    }
  }
  return (void *)(intptr_t)(misses >= 0);
}

int main(void) {
  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_RECURSIVE);
  pthread_mutex_init(&recursive, &kind);
  pthread_mutexattr_settype(&kind, PTHREAD_MUTEX_ERRORCHECK);
  pthread_mutex_init(&checking, &kind);
  const long ended = run_team(8, work);
  printf("ended %ld counter %ld nested %ld tried %ld\n", ended, counter, nested, tried);
  CHECK(pthread_mutex_unlock(&checking) == EPERM);
  return 0;
}
