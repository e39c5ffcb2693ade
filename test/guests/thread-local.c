/* Thread-local storage: __thread with initial values, arrays, addresses; pthread keys with destructors. */
#include <errno.h>
#include "threads.h"

static __thread int number = 7;
static __thread char name[20] = "fresh";
static __thread double table[64];
static pthread_key_t key, second;
static int destroyed, again;

static void destroy(void *value) {
  __atomic_add_fetch(&destroyed, *(int *)value, __ATOMIC_RELAXED);
  free(value);
}
static void destroy_again(void *value) {
  __atomic_add_fetch(&again, 1, __ATOMIC_RELAXED);
  if ((intptr_t)value > 1) pthread_setspecific(second, (void *)((intptr_t)value - 1));
}

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  CHECK(number == 7 && strcmp(name, "fresh") == 0 && table[63] == 0);
  int *const where = &number;
  number = self;
  snprintf(name, sizeof name, "thread %d", self);
  int *value = malloc(sizeof *value);
  *value = self;
  pthread_setspecific(key, value);
  pthread_setspecific(second, (void *)3);
  for (int i = 0; i < 200; i++) {
    number += i;
    table[i % 64] += number * 0.5;
    errno = self;
    if (i % 50 == 0) sched_yield();
    CHECK(&number == where && errno == self);
    CHECK(*(int *)pthread_getspecific(key) == self);
  }
  char expected[20];
  snprintf(expected, sizeof expected, "thread %d", self);
  CHECK(strcmp(name, expected) == 0);
  return (void *)(intptr_t)(number + (int)table[10]);
}

int main(void) {
  pthread_key_create(&key, destroy);
  pthread_key_create(&second, destroy_again);
  number = 1000;
  const long total = run_team(12, work);
  printf("total %ld destroyed %d again %d main keeps %d %s\n", total, destroyed, again, number, name);
  return 0;
}
