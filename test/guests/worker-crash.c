/* A worker's wild write kills the whole process by SIGSEGV, while the others run. */
#include "threads.h"

static pthread_barrier_t started;

static void *work(void *argument) {
  volatile unsigned turns = 0;
  pthread_barrier_wait(&started);
  if ((intptr_t)argument == 2) {
    usleep(2000);
    volatile uintptr_t wild = 16;
    *(volatile int *)wild = 1;
  }
  for (;;) turns++;
  return NULL;
}

int main(void) {
  printf("before the crash\n");
  fflush(stdout);
  pthread_barrier_init(&started, NULL, 4);
  run_team(4, work);
  return 0;
}
