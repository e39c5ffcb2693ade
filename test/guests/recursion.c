/* Recursion: Ackermann, Fibonacci, hanoi, mutual recursion, n queens, a deep chain. */
#include "guest.h"

static unsigned ackermann(unsigned m, unsigned n) { return m == 0 ? n + 1 : ackermann(m - 1, n == 0 ? 1 : ackermann(m, n - 1)); }
static unsigned fibonacci(unsigned n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
static int is_odd(unsigned n);
__attribute__((noinline)) static int is_even(unsigned n) { return n == 0 ? 1 : is_odd(n - 1); }
__attribute__((noinline)) static int is_odd(unsigned n) { return n == 0 ? 0 : is_even(n - 1); }

static unsigned moves;
static void hanoi(int discs, int from, int to, int over) {
  if (discs == 0) return;
  hanoi(discs - 1, from, over, to);
  moves = moves * 3 + (unsigned)(from * 4 + to);
  hanoi(discs - 1, over, to, from);
}

static int queens(int size, unsigned columns, unsigned left, unsigned right) {
  const unsigned all = (1u << size) - 1;
  if (columns == all) return 1;
  int count = 0;
  for (unsigned free = all & ~(columns | left | right); free; free &= free - 1) {
    const unsigned bit = free & -free;
    count += queens(size, columns | bit, (left | bit) << 1, (right | bit) >> 1);
  }
  return count;
}

__attribute__((noinline)) static double chain(int depth, double x) {
  volatile double kept = x;
  return depth == 0 ? x : chain(depth - 1, x * 0.5 + depth) + kept;
}

int main(void) {
  printf("ackermann %u %u\n", ackermann(2, 20), ackermann(3, 5));
  printf("fibonacci %u\n", fibonacci(23));
  printf("parity %d %d\n", is_even(10001), is_odd(10001));
  hanoi(14, 0, 2, 1);
  printf("hanoi %u\n", moves);
  printf("queens %d %d\n", queens(6, 0, 0, 0), queens(8, 0, 0, 0));
  printf("chain %a\n", chain(20000, 1));
  return 0;
}
