/* main calls exit while others compute, sleep, wait for a futex and read an empty pipe. */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t started;
static int ends[2];
static volatile unsigned work_done;

static void *busy(void *argument) {
  pthread_barrier_wait(&started);
  switch ((intptr_t)argument) {
    case 0: for (;;) work_done++;
    case 1: sleep(1000); break;
    case 2: pthread_mutex_lock(&lock); break;
    case 3: {
      char byte;
      CHECK(read(ends[0], &byte, 1) == 1);
      break;
    }
    default: for (;;) sched_yield();
  }
  printf("not reached\n");
  return NULL;
}
static void last(void) { printf("exit handler\n"); }

int main(void) {
  atexit(last);
  CHECK(pipe(ends) == 0);
  pthread_barrier_init(&started, NULL, 6);
  pthread_mutex_lock(&lock);
  for (intptr_t i = 0; i < 5; i++) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, busy, (void *)i) == 0);
  }
  pthread_barrier_wait(&started);
  usleep(5000);
  printf("main exits\n");
  exit(3);
}
