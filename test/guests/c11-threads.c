/* C11 threads: thrd_create, mtx, cnd, tss, call_once. */
#include <threads.h>
#include "guest.h"

static mtx_t lock;
static cnd_t changed;
static tss_t slot;
static once_flag once = ONCE_FLAG_INIT;
static int turns, onces, freed;

static void first(void) { onces++; }
static void released(void *value) {
  mtx_lock(&lock);
  freed += *(int *)value;
  mtx_unlock(&lock);
  free(value);
}
static int work(void *argument) {
  const int self = *(int *)argument;
  call_once(&once, first);
  int *own = malloc(sizeof *own);
  *own = self;
  tss_set(slot, own);
  for (int i = 0; i < 30; i++) {
    mtx_lock(&lock);
    while (turns % 5 != self) cnd_wait(&changed, &lock);
    turns++;
    cnd_broadcast(&changed);
    mtx_unlock(&lock);
    thrd_yield();
  }
  return self * self;
}

int main(void) {
  thrd_t threads[5];
  int numbers[5], total = 0;
  mtx_init(&lock, mtx_plain);
  cnd_init(&changed);
  tss_create(&slot, released);
  for (int i = 0; i < 5; i++) {
    numbers[i] = i;
    CHECK(thrd_create(&threads[i], work, &numbers[i]) == thrd_success);
  }
  for (int i = 0; i < 5; i++) {
    int result;
    CHECK(thrd_join(threads[i], &result) == thrd_success);
    total += result;
  }
  printf("turns %d once %d freed %d total %d\n", turns, onces, freed, total);
  return 0;
}
