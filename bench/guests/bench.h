/*
 * What the benchmark guests share: they take the number of iterations as their argument, run a tenth of it first to
 * warm up, then measure with their own clock, so that neither start-up nor translation counts. The iterations are done
 * in parts, and the fastest part is what is told: other load on the machine only ever adds. Output, one line:
 *
 *   NAME ITERATIONS iterations NS ns/iteration [SPEED MB/s] checksum SUM
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH_PARTS 20

static inline double bench_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * Runs `body(iterations)`, which returns a checksum; `fallback` is the number of iterations without an argument, `bytes`
 * what one iteration moves, 0 if speed in MB/s (10^6 bytes) says nothing.
 */
static inline int bench(int argc, char **argv, const char *name, uint32_t fallback, uint32_t bytes, uint32_t (*body)(uint32_t iterations)) {
  const uint32_t iterations = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : fallback;
  if (iterations < BENCH_PARTS) {
    fprintf(stderr, "usage: %s [ITERATIONS]   (at least %d)\n", argv[0], BENCH_PARTS);
    return 2;
  }
  body(iterations / 10);
  const uint32_t part = iterations / BENCH_PARTS;
  double best = 1e9;
  uint32_t sum = 0;
  for (int i = 0; i < BENCH_PARTS; i++) {
    const double start = bench_seconds();
    sum = sum * 31 + body(part);
    const double seconds = bench_seconds() - start;
    if (seconds < best) best = seconds;
  }
  printf("%s %u iterations %.3f ns/iteration ", name, iterations, best * 1e9 / part);
  if (bytes) printf("%.0f MB/s ", part * (double)bytes / best / 1e6);
  printf("checksum %08x\n", sum);
  return 0;
}

#endif
