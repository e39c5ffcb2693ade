/* Calls through a table of functions and a dense switch, as interpreters make them. */
#include "bench.h"

typedef uint32_t Operation(uint32_t a, uint32_t b);
static uint32_t add(uint32_t a, uint32_t b) { return a + b; }
static uint32_t subtract(uint32_t a, uint32_t b) { return a - b; }
static uint32_t exclusive(uint32_t a, uint32_t b) { return a ^ b; }
static uint32_t rotate(uint32_t a, uint32_t b) { return a << 5 | (a + b) >> 27; }
static Operation *const volatile operations[4] = {add, subtract, exclusive, rotate};

static uint32_t run(uint32_t iterations) {
  uint32_t state = 1, sum = 0;
  for (uint32_t i = 0; i < iterations; i++) {
    state = state * 1664525u + 1013904223u;
    sum = operations[state >> 30](sum, i);
    switch (state >> 25 & 7) {
      case 0: sum += 3; break;
      case 1: sum ^= i; break;
      case 2: sum *= 5; break;
      case 3: sum = ~sum; break;
      case 4: sum -= state; break;
      case 5: sum = sum >> 1 | sum << 31; break;
      case 6: sum += sum << 3; break;
      default: sum ^= 0x55aa; break;
    }
  }
  return sum;
}

int main(int argc, char **argv) { return bench(argc, argv, "indirect", 20000000, 0, run); }
