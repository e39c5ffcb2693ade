/* A worker ends the process by _exit(5) while main waits for a thread that never ends. */
#include "threads.h"

static void *sleeper(void *argument) {
  for (;;) pause();
  return argument;
}
static void *ender(void *argument) {
  usleep(2000);
  _exit(5);
  return argument;
}

int main(void) {
  pthread_t first, second;
  printf("waiting\n");
  fflush(stdout);
  CHECK(pthread_create(&first, NULL, sleeper, NULL) == 0);
  CHECK(pthread_create(&second, NULL, ender, NULL) == 0);
  pthread_join(first, NULL);
  return 1;
}
