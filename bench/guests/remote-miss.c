/*
 * What a miss costs when the block is on the other node. The first thread is on the master, the second on another node;
 * they take turns. Reads: one thread has written every page, the other loads one word of each, in random order. Writes:
 * a thread stores into each page that the other one owns, so that ownership goes back and forth. Each access is timed
 * alone; what the clock itself costs is taken off. A tenth of the rounds goes before, to warm up. Output, a line each:
 *
 *   read-miss COUNT misses p10 US p50 US p99 US microseconds
 *   write-miss COUNT misses p10 US p50 US p99 US microseconds
 */
#include <pthread.h>
#include "bench.h"

enum { PAGE = 4096, PAGES = 256, ROUNDS_MOST = 4000 };
static uint8_t pages[PAGES][PAGE] __attribute__((aligned(PAGE)));
/* Each thread has pages of its own for what it notes, so that noting misses nothing. */
static struct {
  uint32_t samples[ROUNDS_MOST * PAGES];
  uint16_t order[PAGES];
} own[2] __attribute__((aligned(PAGE)));
static pthread_barrier_t turn __attribute__((aligned(PAGE)));
static uint32_t rounds __attribute__((aligned(PAGE)));

static inline int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* What two readings of the clock take, the median of many, in nanoseconds. */
static int compare(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static uint32_t clock_cost(uint32_t *scratch) {
  enum { TIMES = 1000 };
  for (int i = 0; i < TIMES * 3; i++) {
    const int64_t start = now();
    scratch[i % TIMES] = (uint32_t)(now() - start);
  }
  qsort(scratch, TIMES, sizeof *scratch, compare);
  return scratch[TIMES / 2];
}

static void shuffle(uint16_t *order, uint32_t *state) {
  for (uint32_t i = 0; i < PAGES; i++) order[i] = (uint16_t)i;
  for (uint32_t i = PAGES - 1; i > 0; i--) {
    *state = *state * 1664525u + 1013904223u;
    const uint32_t k = (uint32_t)(((uint64_t)*state * (i + 1)) >> 32);
    const uint16_t kept = order[i];
    order[i] = order[k];
    order[k] = kept;
  }
}

static void write_all(uint32_t value) {
  for (int i = 0; i < PAGES; i++) *(volatile uint32_t *)(pages[i] + 64 * (i & 63)) = value;
}

static void read_each(int who, uint32_t *noted) {
  for (int i = 0; i < PAGES; i++) {
    const uint16_t page = own[who].order[i];
    const int64_t start = now();
    (void)*(volatile uint32_t *)(pages[page] + 64 * (page & 63));
    noted[i] = (uint32_t)(now() - start);
  }
}

static void write_each(int who, uint32_t *noted) {
  for (int i = 0; i < PAGES; i++) {
    const uint16_t page = own[who].order[i];
    const int64_t start = now();
    *(volatile uint32_t *)(pages[page] + 64 * (page & 63)) = (uint32_t)start;
    noted[i] = (uint32_t)(now() - start);
  }
}

static void report(const char *name, uint32_t *samples, uint32_t count, uint32_t cost) {
  const uint32_t warm = count / 10;
  samples += warm;
  count -= warm;
  qsort(samples, count, sizeof *samples, compare);
  const uint32_t at[3] = {count / 10, count / 2, (uint32_t)((uint64_t)count * 99 / 100)};
  printf("%s %u misses", name, count);
  const char *names[3] = {"p10", "p50", "p99"};
  for (int i = 0; i < 3; i++) printf(" %s %.2f", names[i], samples[at[i]] > cost ? (samples[at[i]] - cost) / 1e3 : 0.0);
  printf(" microseconds\n");
}

/* Who is 1 reads, then both write by turns; who is 0 prepares the reads. */
static void run(int who) {
  uint32_t state = 12345u + (uint32_t)who;
  const uint32_t cost = clock_cost(own[who].samples);
  for (uint32_t round = 0; round < rounds; round++) {
    shuffle(own[who].order, &state);
    if (who == 0) write_all(round);
    pthread_barrier_wait(&turn);
    if (who == 1) read_each(who, own[who].samples + round * PAGES);
    pthread_barrier_wait(&turn);
  }
  if (who == 1) report("read-miss", own[who].samples, rounds * PAGES, cost);
  for (uint32_t round = 0; round < rounds; round++) {
    shuffle(own[who].order, &state);
    pthread_barrier_wait(&turn);
    if (who == 0) write_each(who, own[who].samples + round * PAGES);
    pthread_barrier_wait(&turn);
    if (who == 1) write_each(who, own[who].samples + round * PAGES);
  }
  pthread_barrier_wait(&turn);
  if (who == 1) report("write-miss", own[who].samples, rounds * PAGES, cost);
}

static void *other(void *unused) {
  run(1);
  return unused;
}

int main(int argc, char **argv) {
  rounds = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 40;
  if (rounds < 10 || rounds > ROUNDS_MOST) {
    fprintf(stderr, "usage: %s [ROUNDS]   (10 to %d)\n", argv[0], ROUNDS_MOST);
    return 2;
  }
  pthread_barrier_init(&turn, NULL, 2);
  pthread_t thread;
  if (pthread_create(&thread, NULL, other, NULL)) return 1;
  run(0);
  pthread_join(thread, NULL);
  return 0;
}
