/* Producers and consumers on a bounded queue under one mutex and two condition variables. */
#include "threads.h"

enum { PRODUCERS = 4, CONSUMERS = 4, ITEMS = 500, ROOM = 16 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static int items[ROOM], head, size;
static char taken[PRODUCERS * ITEMS];
static int last[CONSUMERS][PRODUCERS];

static void put(int item) {
  pthread_mutex_lock(&lock);
  while (size == ROOM) pthread_cond_wait(&not_full, &lock);
  items[(head + size++) % ROOM] = item;
  pthread_cond_signal(&not_empty);
  pthread_mutex_unlock(&lock);
}
static int take(void) {
  pthread_mutex_lock(&lock);
  while (size == 0) pthread_cond_wait(&not_empty, &lock);
  const int item = items[head];
  head = (head + 1) % ROOM;
  size--;
  pthread_cond_signal(&not_full);
  pthread_mutex_unlock(&lock);
  return item;
}

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  long sum = 0;
  for (int i = 0; i < ITEMS; i++) {
    if (self < PRODUCERS) {
      put(self * ITEMS + i);
    } else {
      const int item = take();
      CHECK(!taken[item]);
      taken[item] = 1;
      /* One producer's items come in their order. */
      int *seen = &last[self - PRODUCERS][item / ITEMS];
      CHECK(item % ITEMS >= *seen);
      *seen = item % ITEMS;
      sum += item;
    }
  }
  return (void *)(intptr_t)sum;
}

int main(void) {
  const long sum = run_team(PRODUCERS + CONSUMERS, work);
  int count = 0;
  for (size_t i = 0; i < sizeof taken; i++) count += taken[i];
  printf("sum %ld taken %d left %d\n", sum, count, size);
  return 0;
}
