// futex(2) by its number, with waiters that stand for certain: FUTEX_WAKE_OP in all its forms, requeue, bitsets.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Words on pages of their own: on a cluster they have different homes.
static struct { _Alignas(4096) atomic_int word; } page[4];
static atomic_int awake;

static long futex(atomic_int *at, int operation, int value, long other, atomic_int *second, int third) {
  return syscall(SYS_futex, at, operation, value, other, second, third);
}

struct waiter { pthread_t thread; int index; int bits; };

static void *wait_once(void *argument) {
  struct waiter *waiter = argument;
  atomic_int *word = &page[waiter->index].word;
  int value = atomic_load(word);
  long result;
  do result = futex(word, FUTEX_WAIT_BITSET, value, 0, NULL, waiter->bits);
  while (result < 0 && errno == EINTR);
  atomic_fetch_add(&awake, 1);
  return NULL;
}

// Starts waiters one after the other; each stands in its queue when a requeue onto itself counts it.
static void start(struct waiter *waiters, int count, int index) {
  for (int i = 0; i < count; i++) {
    waiters[i].index = index;
    if (waiters[i].bits == 0) waiters[i].bits = -1;
    pthread_create(&waiters[i].thread, NULL, wait_once, &waiters[i]);
    struct timespec moment = {0, 1000000};
    while (futex(&page[index].word, FUTEX_REQUEUE, 0, 100, &page[index].word, 0) < i + 1) nanosleep(&moment, NULL);
  }
}

static void join(struct waiter *waiters, int count) {
  for (int i = 0; i < count; i++) pthread_join(waiters[i].thread, NULL);
}

static void wake_operation(const char *what, int before, int encoded) {
  struct waiter first[2] = {0}, second[2] = {0};
  atomic_store(&page[0].word, 0);
  atomic_store(&page[1].word, before);
  start(first, 2, 0);
  start(second, 2, 1);
  long woken = futex(&page[0].word, FUTEX_WAKE_OP, 1, 1, &page[1].word, encoded);
  printf("%s: woken %ld, word %d, ", what, woken, (int)atomic_load(&page[1].word));
  long left0 = futex(&page[0].word, FUTEX_WAKE, 100, 0, NULL, 0);
  long left1 = futex(&page[1].word, FUTEX_WAKE, 100, 0, NULL, 0);
  printf("left %ld and %ld\n", left0, left1);
  join(first, 2);
  join(second, 2);
}

int main(void) {
  wake_operation("set, equal", 5, FUTEX_OP(FUTEX_OP_SET, 7, FUTEX_OP_CMP_EQ, 5));
  wake_operation("set, not equal", 5, FUTEX_OP(FUTEX_OP_SET, -1, FUTEX_OP_CMP_NE, 5));
  wake_operation("add, less", -3, FUTEX_OP(FUTEX_OP_ADD, -100, FUTEX_OP_CMP_LT, -2));
  wake_operation("or, greater", 1, FUTEX_OP(FUTEX_OP_OR, 0x30, FUTEX_OP_CMP_GT, -1));
  wake_operation("andn, at least", 0xff, FUTEX_OP(FUTEX_OP_ANDN, 0x0f, FUTEX_OP_CMP_GE, 0x100));
  wake_operation("xor, at most", 6, FUTEX_OP(FUTEX_OP_XOR, 3, FUTEX_OP_CMP_LE, 6));
  wake_operation("add a bit, equal", 1, FUTEX_OP((FUTEX_OP_ADD | FUTEX_OP_OPARG_SHIFT), 20, FUTEX_OP_CMP_EQ, 1));

  long result = futex(&page[0].word, FUTEX_WAKE_OP, 1, 1, &page[1].word, FUTEX_OP(6, 0, 0, 0));
  printf("an unknown operation: %s\n", result < 0 ? strerror(errno) : "done");
  result = futex(&page[0].word, FUTEX_WAKE_OP, 1, 1, (atomic_int *)16, FUTEX_OP(0, 0, 0, 0));
  printf("a word that is not there: %s\n", result < 0 ? strerror(errno) : "done");
  result = futex(&page[0].word, FUTEX_WAKE_OP, 1, 1, (atomic_int *)((char *)&page[1] + 2), 0);
  printf("a word not aligned: %s\n", result < 0 ? strerror(errno) : "done");

  struct waiter waiters[6] = {0};
  for (int i = 0; i < 6; i++) waiters[i].bits = 1 << (i % 3);
  atomic_store(&page[2].word, 1);
  start(waiters, 6, 2);
  printf("by bits: %ld ", futex(&page[2].word, FUTEX_WAKE_BITSET, 100, 0, NULL, 2));
  printf("then %ld\n", futex(&page[2].word, FUTEX_WAKE, 100, 0, NULL, 0));
  join(waiters, 6);

  memset(waiters, 0, sizeof waiters);
  start(waiters, 6, 2);
  result = futex(&page[2].word, FUTEX_CMP_REQUEUE, 1, 2, &page[2].word + 8, 0);
  printf("requeue, another value: %s\n", result < 0 ? strerror(errno) : "done");
  printf("requeue: %ld, ", futex(&page[2].word, FUTEX_CMP_REQUEUE, 1, 2, &page[2].word + 8, 1));
  printf("at the target %ld, ", futex(&page[2].word + 8, FUTEX_WAKE, 100, 0, NULL, 0));
  printf("left %ld\n", futex(&page[2].word, FUTEX_WAKE, 100, 0, NULL, 0));
  join(waiters, 6);
  printf("awake %d\n", (int)atomic_load(&awake));
  return 0;
}
