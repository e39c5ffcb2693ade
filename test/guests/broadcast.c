// A condition variable in the old way: a broadcast wakes one waiter and moves the others to the mutex's queue by
// FUTEX_CMP_REQUEUE. The words are on pages of their own, which on a cluster have different homes. In the second half
// signals come meanwhile, and some waits end by time.
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "guest.h"

enum { WAITERS = 6, ROUNDS = 12, MUTEXES = 3 };

static struct { _Alignas(4096) atomic_int word; } condition, mutexes[MUTEXES];
// Behind the mutex of the round.
static int generation, sum[WAITERS];
static atomic_int passed, timed, ended, handled;

static long futex(atomic_int *at, int operation, int value, const void *other, atomic_int *second, int third) {
  return syscall(SYS_futex, at, operation, value, other, second, third);
}

// Others may wait for the word: 2 says so.
static void lock_contended(atomic_int *mutex) {
  while (atomic_exchange(mutex, 2) != 0) futex(mutex, FUTEX_WAIT, 2, NULL, NULL, 0);
}

static void lock(atomic_int *mutex) {
  int expected = 0;
  if (!atomic_compare_exchange_strong(mutex, &expected, 1)) lock_contended(mutex);
}

static void unlock(atomic_int *mutex) {
  if (atomic_exchange(mutex, 0) == 2) futex(mutex, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *waiter(void *argument) {
  int index = (int)(intptr_t)argument;
  for (int round = 0; round < 2 * ROUNDS; round++) {
    atomic_int *mutex = &mutexes[round % MUTEXES].word;
    lock(mutex);
    while (generation == round) {
      int value = atomic_load(&condition.word);
      unlock(mutex);
      struct timespec time = {0, (index + 1) * 3000000};
      int waits_for_time = atomic_load(&timed) && index % 2 == 0;
      long result = futex(&condition.word, FUTEX_WAIT, value, waits_for_time ? &time : NULL, NULL, 0);
      CHECK(result == 0 || errno == EAGAIN || errno == EINTR || (waits_for_time && errno == ETIMEDOUT));
      lock_contended(mutex);
    }
    sum[index] += round;
    atomic_fetch_add(&passed, 1);
    unlock(mutex);
  }
  return NULL;
}

static void handle(int signal) {
  (void)signal;
  atomic_fetch_add(&handled, 1);
}

static void *annoy(void *threads) {
  Random random = {1};
  struct timespec moment = {0, 300000};
  while (!atomic_load(&ended)) {
    pthread_kill(((pthread_t *)threads)[random_below(&random, WAITERS)], SIGUSR1);
    nanosleep(&moment, NULL);
  }
  return NULL;
}

// Waits until `count` threads stand in the queue: a requeue onto itself counts them.
static void until_standing(int count) {
  struct timespec moment = {0, 500000};
  while (futex(&condition.word, FUTEX_REQUEUE, 0, (void *)INT_MAX, &condition.word, 0) < count)
    nanosleep(&moment, NULL);
}

static long broadcast(int round) {
  atomic_int *mutex = &mutexes[round % MUTEXES].word;
  lock(mutex);
  generation++;
  int value = atomic_fetch_add(&condition.word, 1) + 1;
  long result = futex(&condition.word, FUTEX_CMP_REQUEUE, 1, (void *)INT_MAX, mutex, value);
  // Those that were moved wait for it.
  atomic_exchange(mutex, 2);
  unlock(mutex);
  struct timespec moment = {0, 500000};
  while (atomic_load(&passed) < WAITERS * (round + 1)) nanosleep(&moment, NULL);
  return result;
}

int main(void) {
  pthread_t threads[WAITERS], annoyer;
  struct sigaction action = {.sa_handler = handle};
  sigaction(SIGUSR1, &action, NULL);
  for (int i = 0; i < WAITERS; i++) pthread_create(&threads[i], NULL, waiter, (void *)(intptr_t)i);
  long all = 0;
  for (int round = 0; round < ROUNDS; round++) {
    until_standing(WAITERS);
    all += broadcast(round);
  }
  printf("found by %d broadcasts: %ld\n", ROUNDS, all);
  atomic_store(&timed, 1);
  pthread_create(&annoyer, NULL, annoy, threads);
  for (int round = ROUNDS; round < 2 * ROUNDS; round++) {
    long found = broadcast(round);
    CHECK(found >= 0 && found <= WAITERS);
  }
  // Before the others are joined: a signal needs a thread.
  atomic_store(&ended, 1);
  pthread_join(annoyer, NULL);
  for (int i = 0; i < WAITERS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < WAITERS; i++) printf("%d ", sum[i]);
  printf("passed %d, signals %s\n", (int)passed, handled > 0 ? "came" : "did not come");
  return 0;
}
