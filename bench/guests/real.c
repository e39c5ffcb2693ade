/* Double precision: a recurrence with a division (latency), and a dot product (throughput). An iteration does one step of each. */
#include "bench.h"

enum { SIZE = 1024 };
static double a[SIZE], b[SIZE];

static uint32_t run(uint32_t iterations) {
  for (int i = 0; i < SIZE; i++) a[i] = 1.0 / (i + 1), b[i] = i * 0.25 - 100;
  double x = 0.5, dot = 0;
  for (uint32_t i = 0; i < iterations; i++) {
    x = (x * x + 1.25) / (x + 2.5);
    dot += a[i & (SIZE - 1)] * b[i & (SIZE - 1)];
  }
  const double result = x + dot;
  uint32_t words[2];
  memcpy(words, &result, sizeof words);
  return words[0] ^ words[1];
}

int main(int argc, char **argv) { return bench(argc, argv, "real", 20000000, 0, run); }
