/* Makes threads until no more can be made, which is an error to bear: those that exist run to their end. */
#include <errno.h>
#include <semaphore.h>
#include <string.h>
#include "threads.h"

enum { MOST = 9000, STACK_BYTES = 16384 };

static sem_t go;

static void *wait_for_all(void *argument) {
  while (sem_wait(&go) != 0) CHECK(errno == EINTR);
  sem_post(&go);
  return argument;
}

int main(void) {
  static pthread_t threads[MOST];
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  CHECK(pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0);
  sem_init(&go, 0, 0);
  int count = 0, result = 0;
  while (count < MOST && (result = pthread_create(&threads[count], &attributes, wait_for_all, NULL)) == 0) count++;
  printf("%d threads, then: %s\n", count, strerror(result));
  sem_post(&go);
  for (int i = 0; i < count; i++) CHECK(pthread_join(threads[i], NULL) == 0);
  printf("one more: %s\n", strerror(pthread_create(&threads[0], &attributes, wait_for_all, NULL)));
  CHECK(pthread_join(threads[0], NULL) == 0);
  return 0;
}
