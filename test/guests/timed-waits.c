/* Waits that end by time and waits that do not: condition variables on both clocks, semaphores, mutexes, joins. */
#include <errno.h>
#include <semaphore.h>
#include <time.h>
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER, steady;
static sem_t semaphore;
static int ready;

static struct timespec in(clockid_t clock, long milliseconds) {
  struct timespec t;
  clock_gettime(clock, &t);
  t.tv_nsec += milliseconds % 1000 * 1000000;
  t.tv_sec += milliseconds / 1000 + t.tv_nsec / 1000000000;
  t.tv_nsec %= 1000000000;
  return t;
}
static int past(clockid_t clock, const struct timespec *moment) {
  struct timespec t;
  clock_gettime(clock, &t);
  return t.tv_sec > moment->tv_sec || (t.tv_sec == moment->tv_sec && t.tv_nsec >= moment->tv_nsec);
}

static void *late(void *argument) {
  (void)argument;
  usleep(15000);
  pthread_mutex_lock(&lock);
  ready = 1;
  pthread_cond_broadcast(&condition);
  pthread_mutex_unlock(&lock);
  sem_post(&semaphore);
  return (void *)5;
}
static void *try_lock(void *argument) {
  (void)argument;
  const struct timespec moment = in(CLOCK_REALTIME, 10);
  const int got = pthread_mutex_timedlock(&lock, &moment);
  return (void *)(intptr_t)(got == ETIMEDOUT && past(CLOCK_REALTIME, &moment));
}

int main(void) {
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&steady, &attributes);
  sem_init(&semaphore, 0, 0);

  pthread_mutex_lock(&lock);
  struct timespec moment = in(CLOCK_REALTIME, 10);
  int result = pthread_cond_timedwait(&condition, &lock, &moment);
  printf("realtime: timed out %d not early %d\n", result == ETIMEDOUT, past(CLOCK_REALTIME, &moment));
  moment = in(CLOCK_MONOTONIC, 10);
  result = pthread_cond_timedwait(&steady, &lock, &moment);
  printf("monotonic: timed out %d not early %d\n", result == ETIMEDOUT, past(CLOCK_MONOTONIC, &moment));
  moment = in(CLOCK_REALTIME, -1000);
  printf("in the past: %d\n", pthread_cond_timedwait(&condition, &lock, &moment) == ETIMEDOUT);
  pthread_mutex_unlock(&lock);

  moment = in(CLOCK_REALTIME, 10);
  result = sem_timedwait(&semaphore, &moment);
  printf("semaphore: %d timed out %d not early %d\n", result, errno == ETIMEDOUT, past(CLOCK_REALTIME, &moment));

  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, late, NULL) == 0);
  pthread_mutex_lock(&lock);
  moment = in(CLOCK_REALTIME, 30000);
  while (!ready && (result = pthread_cond_timedwait(&condition, &lock, &moment)) == 0) {}
  pthread_mutex_unlock(&lock);
  printf("woken: ready %d\n", ready);
  printf("posted: %d\n", sem_timedwait(&semaphore, &moment));
  void *value;
  printf("joined: %d %ld\n", pthread_timedjoin_np(thread, &value, &moment), (long)(intptr_t)value);
  pthread_mutex_lock(&lock);
  printf("held mutex: timed out %ld\n", run_team(1, try_lock));
  pthread_mutex_unlock(&lock);
  return 0;
}
