/* Primes by sieve: byte stores with a stride, byte loads in order; an iteration is one store or one load. */
#include "bench.h"

enum { LIMIT = 1 << 18 };
static uint8_t composite[LIMIT];

static uint32_t run(uint32_t iterations) {
  uint32_t work = 0, sum = 0;
  while (work < iterations) {
    memset(composite, 0, LIMIT);
    uint32_t count = 0;
    for (uint32_t i = 2; i < LIMIT && work < iterations; i++, work++) {
      if (composite[i]) continue;
      count++;
      for (uint32_t k = i * 2; k < LIMIT; k += i, work++) composite[k] = 1;
    }
    sum = sum * 31 + count;
  }
  return sum;
}

int main(int argc, char **argv) { return bench(argc, argv, "sieve", 50000000, 0, run); }
