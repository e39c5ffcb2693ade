/* main leaves by pthread_exit; the process lives until its last thread, whose output is the last, and ends with 0. */
#include "threads.h"

static pthread_t main_thread;

static void *work(void *argument) {
  (void)argument;
  void *result;
  CHECK(pthread_join(main_thread, &result) == 0);
  usleep(3000);
  printf("after main: %ld\n", (long)(intptr_t)result);
  return NULL;
}

int main(void) {
  main_thread = pthread_self();
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, work, NULL) == 0);
  pthread_detach(thread);
  printf("main leaves\n");
  pthread_exit((void *)11);
}
