/*
 * What the benchmark guests share: they take the number of iterations as their argument, run a tenth of it first to
 * warm up, then measure with their own clock, so that neither start-up nor translation counts. Output, one line:
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
  if (iterations < 10) {
    fprintf(stderr, "usage: %s [ITERATIONS]   (at least 10)\n", argv[0]);
    return 2;
  }
  body(iterations / 10);
  const double start = bench_seconds();
  const uint32_t sum = body(iterations);
  const double seconds = bench_seconds() - start;
  printf("%s %u iterations %.3f ns/iteration ", name, iterations, seconds * 1e9 / iterations);
  if (bytes) printf("%.0f MB/s ", iterations * (double)bytes / seconds / 1e6);
  printf("checksum %08x\n", sum);
  return 0;
}

#endif
