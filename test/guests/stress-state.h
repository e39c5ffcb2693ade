/* What the threads of the stress program share, what each has done, and how a mistake ends it. */
#ifndef STRESS_STATE_H
#define STRESS_STATE_H

#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "guest.h"

enum {
  PAGE = 4096,
  THREADS_MOST = 16,
  STRIP_PAGES = 12,
  RECORD_PAGES = 6,
  STRIP_BYTES = STRIP_PAGES * PAGE,
  STRIPS_MOST = STRIP_BYTES,
  RECORDS = 64,
  RECORD_WORDS = 16,
  GROUPS = 4,
  GROUP_WORDS = 6,
  QUEUE_SLOTS = 8,
  FAULTS_IN_A_ROW_MOST = 10000000,
};

typedef struct {
  uint32_t start, size, owner;
} Strip;

/* One lock's words lie in the pages of the records, behind all of these. */
typedef struct {
  pthread_mutex_t mutex;
  uint32_t *words[GROUP_WORDS];
} Group;

typedef struct {
  uint32_t self, operations;
  Random random;
  /* Additions to counters and groups, items into and out of the queue. */
  uint32_t added[4], grouped[GROUPS], pushed, popped, pushed_sum, popped_sum, woken;
  uint32_t sequence[RECORDS];
  uint32_t last[RECORDS][RECORD_WORDS];
  uint32_t generation;
} Worker;

static uint32_t seed, threads = 6, round_number;
static int processes = 1;
static uint8_t *area, *strip_area, *scratch;
static uint32_t *records[RECORDS];
static uint8_t *shadow;
static Strip strips[STRIPS_MOST];
static uint32_t strip_count;
static Group groups[GROUPS];
static struct {
  _Alignas(64) uint8_t byte;
  uint16_t half;
  uint32_t word;
  uint64_t wide;
} counters;
static struct {
  pthread_mutex_t mutex;
  pthread_cond_t filled;
  uint32_t items[QUEUE_SLOTS], head, count;
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
static uint32_t futex_word;
static pthread_mutex_t map_lock = PTHREAD_MUTEX_INITIALIZER;
static Worker workers[THREADS_MOST];
static uint32_t faults;

static __thread const Worker *current;
static __thread sigjmp_buf resume;
static __thread volatile int expecting;
static __thread uint32_t faults_in_a_row;

static void fail(const char *what, const volatile void *at, uint64_t expected, uint64_t seen) {
  const int self = current ? (int)current->self : -1;
  printf("stress: seed %u round %u thread %d: %s at %p: expected %llx, seen %llx\n", seed, round_number, self, what,
         (void *)at, (unsigned long long)expected, (unsigned long long)seen);
  fflush(stdout);
  _exit(1);
}

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  if (expecting) siglongjmp(resume, 1);
  const uint8_t *const at = info->si_addr;
  if (at < area || at >= scratch + 2 * THREADS_MOST * PAGE) fail("a fault outside the area", at, 0, 0);
  if (++faults_in_a_row > FAULTS_IN_A_ROW_MOST) fail("a fault that does not end", at, 0, 0);
  __atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
  sched_yield();
}

/* Whether a load (or store) at `at` faults. */
static int faulting(volatile uint8_t *at, int store) {
  if (sigsetjmp(resume, 1)) {
    expecting = 0;
    return 1;
  }
  expecting = 1;
  if (store) *at = *at;
  else (void)*at;
  expecting = 0;
  return 0;
}

static void random_bytes(Random *random, uint8_t *bytes, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) bytes[i] = (uint8_t)(random_next(random) >> 13);
}

static void compare(const char *what, const uint8_t *at, const uint8_t *expected, const uint8_t *seen, uint32_t size) {
  for (uint32_t i = 0; i < size; i++)
    if (expected[i] != seen[i]) fail(what, at + i, expected[i], seen[i]);
}

#endif
