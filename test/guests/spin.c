/* Runs for ever with four busy threads and one that waits, after saying that it started. */
#include "threads.h"

static volatile uint32_t turns[4 * 16];

static void *work(void *argument) {
  for (;;) turns[(intptr_t)argument * 16]++;
  return NULL;
}

int main(void) {
  pthread_t thread;
  for (intptr_t i = 0; i < 4; i++) CHECK(pthread_create(&thread, NULL, work, (void *)i) == 0);
  printf("started\n");
  fflush(stdout);
  for (;;) pause();
}
