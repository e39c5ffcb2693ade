/* Conditional code: short ifs that become IT blocks, min and max chains, every condition, nested selections. */
#include "guest.h"

#define OUTLINE __attribute__((noinline))
OUTLINE static int clamp(int x, int low, int high) { return x < low ? low : x > high ? high : x; }
OUTLINE static unsigned collatz(unsigned n) {
  unsigned steps = 0;
  while (n != 1) n = n & 1 ? 3 * n + 1 : n / 2, steps++;
  return steps;
}
OUTLINE static int gcd(int a, int b) {
  while (a != b)
    if (a > b) a -= b;
    else b -= a;
  return a;
}
OUTLINE static int median(int a, int b, int c) {
  int t;
  if (a > b) t = a, a = b, b = t;
  if (b > c) t = b, b = c, c = t;
  if (a > b) t = a, a = b, b = t;
  return b * 3 + a - c;
}
OUTLINE static unsigned blend(unsigned a, unsigned b) {
  unsigned r = 0;
  if (a == b) r += 1;
  if (a != b) r ^= 2;
  if (a < b) r += 4; else r -= 5;
  if (a >= b) r ^= 16; else r += a;
  if (a > b) r += b; else r ^= 64;
  if ((int)a < (int)b) r = r * 3; else r = r * 5;
  if ((int)a >= (int)b) r += 256;
  if ((int)a > (int)b) r ^= 512;
  if ((int)a <= (int)b) r = ~r;
  if ((int)(a - b) < 0) r += 1024;
  return r;
}

/* All fourteen conditions in IT blocks of one to four instructions, flags from a subtraction. */
OUTLINE static uint32_t conditions(uint32_t a, uint32_t b) {
  uint32_t r = 0;
  __asm__(
      ".syntax unified\n"
      "cmp %1, %2\n it eq\n addeq %0, %0, #1\n"
      "cmp %1, %2\n ite ne\n addne %0, %0, #2\n subeq %0, %0, #3\n"
      "cmp %1, %2\n itte cs\n addcs %0, %0, #4\n addcs %0, %0, %0\n eorcc %0, %0, #5\n"
      "cmp %1, %2\n itete mi\n addmi %0, %0, #6\n addpl %0, %0, #7\n addmi %0, %0, %1\n eorpl %0, %0, %2\n"
      "cmp %1, %2\n itt vs\n addvs %0, %0, #8\n mvnvs %0, %0\n"
      "cmp %1, %2\n it vc\n addvc %0, %0, #9\n"
      "cmp %1, %2\n ittt hi\n addhi %0, %0, #10\n lslhi %0, %0, #1\n addhi %0, %0, %1\n"
      "cmp %1, %2\n itee ls\n addls %0, %0, #11\n rorhi %0, %0, #3\n addhi %0, %0, #12\n"
      "cmp %1, %2\n ittee ge\n addge %0, %0, #13\n eorge %0, %0, %1\n addlt %0, %0, #14\n eorlt %0, %0, %2\n"
      "cmp %1, %2\n itt gt\n addgt %0, %0, #15\n cmpgt %0, %1\n"
      "it le\n addle %0, %0, #16\n"
      "cmp %1, %2\n itet lt\n movlt %0, %0, lsl #1\n addge %0, %0, #17\n addlt %0, %0, #18\n"
      : "+r"(r)
      : "r"(a), "r"(b)
      : "cc");
  return r;
}

int main(void) {
  static const uint32_t edges[] = {0, 1, 2, 0x7fffffff, 0x80000000, 0x80000001, 0xffffffff, 100, 0xffffff9c};
  uint32_t sum = CHECKSUM_START;
  for (int i = 0; i < 9; i++)
    for (int j = 0; j < 9; j++) {
      const uint32_t values[] = {blend(edges[i], edges[j]), conditions(edges[i], edges[j]), (uint32_t)clamp((int)edges[i], (int)edges[j], (int)edges[j] + 50),
                                 (uint32_t)median((int)edges[i], (int)edges[j], 77)};
      sum = checksum(sum, values, sizeof values);
      if (i == j || i == 3) printf("%08x %08x: %08x %08x %08x %08x\n", edges[i], edges[j], values[0], values[1], values[2], values[3]);
    }
  printf("edges %08x\n", sum);
  unsigned steps = 0;
  int common = 0;
  for (unsigned n = 1; n < 1500; n++) steps += collatz(n), common += gcd((int)n, 360);
  printf("collatz %u gcd %d\n", steps, common);
  Random random = {5};
  for (int i = 0; i < 20000; i++) {
    const uint32_t a = random_next(&random), b = random_below(&random, 3) ? random_next(&random) : a;
    const uint32_t values[] = {blend(a, b), conditions(a, b)};
    sum = checksum(sum, values, sizeof values);
  }
  printf("random %08x\n", sum);
  return 0;
}
