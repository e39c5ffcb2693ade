/*
 * What the guests of `armada bench paper` share. Threads are placed in turn: the first one on the master, the next that
 * is made on node 1, and so on. A guest tells each figure on a line of its own, as JSON; the same figure is told by the
 * same guest under qemu-arm, and `checksum` has to be the same:
 *
 *   {"result": "NAME", "FIELD": NUMBER, ..., "checksum": "SUM"}
 *
 * What depends on time is checked by the guest itself, which says what is wrong and ends with WRONG.
 */
#ifndef CLUSTER_H
#define CLUSTER_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, WRONG = 3 };
/*
 * What threads share is a struct whose members each begin a page by this, the padding behind them included: so nothing
 * else gets onto their pages, as it would behind variables that are aligned alone.
 */
#define PAGED __attribute__((aligned(4096)))

static inline int64_t clock_now(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Nanoseconds; the nodes of one machine have one clock. */
static inline int64_t now(void) { return clock_now(CLOCK_MONOTONIC); }

/* Processor time in nanoseconds that the node of the calling thread has taken since it started. */
static inline int64_t node_cpu(void) { return clock_now(CLOCK_PROCESS_CPUTIME_ID); }

static inline int compare_samples(const void *a, const void *b) {
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

/* What two readings of the clock take, the median of many, in nanoseconds. */
static inline uint32_t clock_cost(void) {
  enum { TIMES = 1000 };
  static __thread uint32_t samples[TIMES];
  for (int i = 0; i < TIMES * 3; i++) {
    const int64_t start = now();
    samples[i % TIMES] = (uint32_t)(now() - start);
  }
  qsort(samples, TIMES, sizeof *samples, compare_samples);
  return samples[TIMES / 2];
}

/* Tells p50 and p99 of `count` samples in nanoseconds, as microseconds, without the first third, which
 * warms up the emulator's own code, and the clock's cost. */
static inline void tell_percentiles(const char *name, uint32_t *samples, uint32_t count, uint32_t cost,
                                    uint32_t checksum) {
  const uint32_t warm = count / 3;
  samples += warm;
  count -= warm;
  qsort(samples, count, sizeof *samples, compare_samples);
  const uint32_t p50 = samples[count / 2], p99 = samples[(uint32_t)((uint64_t)count * 99 / 100)];
  printf("{\"result\": \"%s\", \"p50\": %.3f, \"p99\": %.3f, \"checksum\": \"%08x\"}\n", name,
         p50 > cost ? (p50 - cost) / 1e3 : 0.0, p99 > cost ? (p99 - cost) / 1e3 : 0.0, checksum);
}

/* Tells how fast `bytes` were moved, and how many of them for each second of processor time on all nodes together. */
static inline void tell_speed(const char *name, double bytes, int64_t ns, double all_bytes, int64_t cpu_ns,
                              uint32_t checksum) {
  printf("{\"result\": \"%s\", \"speed\": %.3f, \"perCpuSecond\": %.3f, \"checksum\": \"%08x\"}\n", name,
         bytes * 1e3 / (double)ns, all_bytes * 1e3 / (double)(cpu_ns > 0 ? cpu_ns : 1), checksum);
}

static inline void *no_work(void *unused) { return unused; }

/* Of two nodes: a thread on node 1, made by the first thread. Another one that ends at once takes the master's turn. */
static inline void make_far_thread(pthread_t *thread, void *(*body)(void *), void *argument) {
  pthread_t filler;
  if (pthread_create(thread, NULL, body, argument) || pthread_create(&filler, NULL, no_work, NULL)) {
    perror("pthread_create");
    exit(1);
  }
  pthread_join(filler, NULL);
}

enum { TEAM_MOST = 64 };

/* body(0) here, and body(1) to body(count - 1) in threads on the next nodes in turn. */
static inline void run_team(int count, void *(*body)(void *)) {
  pthread_t threads[TEAM_MOST];
  for (int i = 1; i < count; i++)
    if (pthread_create(&threads[i], NULL, body, (void *)(intptr_t)i)) {
      perror("pthread_create");
      exit(1);
    }
  body(NULL);
  for (int i = 1; i < count; i++) pthread_join(threads[i], NULL);
}

/* The number that is argument `index`, or `fallback`; says how to use the program when it is not within the limits. */
static inline int argument(int argc, char **argv, int index, int fallback, int least, int most) {
  const int value = argc > index ? atoi(argv[index]) : fallback;
  if (value < least || value > most) {
    fprintf(stderr, "%s: argument %d takes a number from %d to %d\n", argv[0], index, least, most);
    exit(2);
  }
  return value;
}

#endif
