/* Recursive calls: the tree of Fibonacci's recursion; an iteration is one call. */
#include "bench.h"

/* The exclusive or keeps the compiler from making a loop of the second call. */
__attribute__((noinline)) static uint32_t fibonacci(uint32_t n) { return n < 2 ? n + 1 : fibonacci(n - 1) ^ (fibonacci(n - 2) + n); }

static uint32_t run(uint32_t iterations) {
  /* fibonacci(20) makes 21,891 calls. */
  uint32_t sum = 0;
  for (uint32_t calls = 0; calls < iterations; calls += 21891) sum = sum * 3 + fibonacci(20);
  return sum;
}

int main(int argc, char **argv) { return bench(argc, argv, "calls", 50000000, 0, run); }
