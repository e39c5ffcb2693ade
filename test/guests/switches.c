/* Jump tables (tbb, tbh, ldr pc), computed goto, sparse switches, function tables; a small stack machine. */
#include "guest.h"

#define OUTLINE __attribute__((noinline))
OUTLINE static int dense(int x) {
  switch (x) {
    case 0: return 17;
    case 1: return x * 3;
    case 2: return 5 - x;
    case 3: return x << 4;
    case 4: return 100;
    case 5: return x ^ 0x55;
    case 6: return -x;
    case 7: return 9;
    default: return -1;
  }
}
OUTLINE static int sparse(int x) {
  switch (x) {
    case -1000: return 1;
    case 3: return 2;
    case 77: return 3;
    case 1 << 20: return 4;
    case INT32_MAX: return 5;
    case INT32_MIN: return 6;
    default: return 0;
  }
}

/* More than 256 halfwords of cases, so that the table needs halfwords. */
#define CASE(n) \
  case n: \
    *p = *p * (n + 3) + (unsigned)x; \
    p[1] ^= *p >> (n % 31); \
    p[2] += p[1] * (2 * n + 1); \
    break;
OUTLINE static void broad(unsigned *p, int x) {
  switch (x) {
    CASE(0) CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14) CASE(15)
    CASE(16) CASE(17) CASE(18) CASE(19) CASE(20) CASE(21) CASE(22) CASE(23) CASE(24) CASE(25) CASE(26) CASE(27) CASE(28) CASE(29) CASE(30)
    default: *p += 12345;
  }
}

enum { PUSH, ADD, SUB, MUL, DUP, SWAP, JUMP_NOT_ZERO, HALT };
OUTLINE static long machine(const int *code) {
  static const void *const labels[] = {&&push, &&add, &&sub, &&mul, &&dup, &&swap, &&jump_not_zero, &&halt};
  long stack[32], *top = stack, t;
  const int *pc = code;
#define NEXT goto *labels[*pc++]
  NEXT;
push: *++top = *pc++; NEXT;
add: top--; *top += top[1]; NEXT;
sub: top--; *top -= top[1]; NEXT;
mul: top--; *top *= top[1]; NEXT;
dup: top++; *top = top[-1]; NEXT;
swap: t = *top; *top = top[-1]; top[-1] = t; NEXT;
jump_not_zero:
  t = *pc++;
  if (*top) pc += t;
  NEXT;
halt: return top[-1];
}

static int plus(int a, int b) { return a + b; }
static int minus(int a, int b) { return a - b; }
static int times(int a, int b) { return a * b; }
static int over(int a, int b) { return b ? a / b : 0; }

int main(void) {
  for (int i = -2; i < 10; i++) printf("%d ", dense(i));
  printf("\n%d %d %d %d %d %d %d\n", sparse(-1000), sparse(3), sparse(77), sparse(1 << 20), sparse(INT32_MAX), sparse(INT32_MIN), sparse(0));
  unsigned state[3] = {1, 2, 3};
  Random random = {8};
  for (int i = 0; i < 20000; i++) broad(state, (int)random_below(&random, 34) - 1);
  printf("%08x %08x %08x\n", state[0], state[1], state[2]);
  /* acc counter: acc = acc * 3 + counter until counter is 0 */
  static const int code[] = {PUSH, 1, PUSH, 5000, SWAP, PUSH, 3, MUL, PUSH, 7, ADD, SWAP, PUSH, 1, SUB, JUMP_NOT_ZERO, -13, HALT};
  printf("%ld\n", machine(code));
  static int (*const functions[])(int, int) = {plus, minus, times, over};
  int value = 1;
  for (int i = 1; i < 5000; i++) value = functions[random_below(&random, 4)](value, i) & 0xffffff;
  printf("%d\n", value);
  return 0;
}
