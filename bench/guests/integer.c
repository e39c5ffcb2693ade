/* An integer loop over an array: two loads, some arithmetic and a store for each iteration. */
#include "bench.h"

enum { SIZE = 4096 };
static uint32_t table[SIZE];

static uint32_t run(uint32_t iterations) {
  for (uint32_t i = 0; i < SIZE; i++) table[i] = i * 2654435761u;
  uint32_t sum = 1;
  for (uint32_t i = 0; i < iterations; i++) {
    const uint32_t at = i & (SIZE - 1);
    const uint32_t value = table[at] + (table[(at + 7) & (SIZE - 1)] ^ sum >> 3);
    table[at] = value;
    sum += value;
  }
  return sum;
}

int main(int argc, char **argv) { return bench(argc, argv, "integer", 50000000, 0, run); }
