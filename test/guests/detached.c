/* Detached threads, in waves: they announce their end through a counter and a condition variable. */
#include "threads.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended = PTHREAD_COND_INITIALIZER;
static int count, total;

static void *work(void *argument) {
  if ((intptr_t)argument % 3 == 0) pthread_detach(pthread_self());
  pthread_mutex_lock(&lock);
  total += (int)(intptr_t)argument;
  count++;
  pthread_cond_signal(&ended);
  pthread_mutex_unlock(&lock);
  return NULL;
}

int main(void) {
  pthread_attr_t detached;
  pthread_attr_init(&detached);
  pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&detached, 65536);
  for (int wave = 0; wave < 15; wave++) {
    for (int i = 0; i < 8; i++) {
      pthread_t thread;
      CHECK(pthread_create(&thread, i % 3 ? &detached : NULL, work, (void *)(intptr_t)i) == 0);
    }
    pthread_mutex_lock(&lock);
    while (count < (wave + 1) * 8) pthread_cond_wait(&ended, &lock);
    pthread_mutex_unlock(&lock);
  }
  printf("count %d total %d\n", count, total);
  return 0;
}
