/* setjmp and longjmp: through frames, many times, with values and callee-saved registers. */
#include <setjmp.h>
#include <signal.h>
#include "guest.h"

static jmp_buf outer, inner;
static int depth_reached;

__attribute__((noinline)) static void descend(int depth, int value) {
  volatile char frame[32];
  frame[0] = (char)depth;
  depth_reached = depth;
  if (depth == 40) longjmp(outer, value);
  descend(depth + 1, value);
  frame[1] = frame[0];
}

__attribute__((noinline)) static double with_reals(double a, double b) {
  volatile double kept = a * b;
  const int way = setjmp(inner);
  if (way < 3) longjmp(inner, way + 1);
  return kept + way;
}

int main(void) {
  volatile int rounds = 0;
  volatile unsigned sum = 0;
  const int value = setjmp(outer);
  sum = sum * 31 + (unsigned)value;
  if (rounds < 500) {
    rounds++;
    descend(0, rounds * 3);
  }
  printf("rounds %d last %d depth %d sum %u\n", rounds, value, depth_reached, sum);
  printf("zero becomes %d\n", ({
           static jmp_buf place;
           const int got = setjmp(place);
           if (got == 0) longjmp(place, 0);
           got;
         }));
  printf("reals %a\n", with_reals(1.5, -2.25));

  sigjmp_buf masked;
  sigset_t set, now;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  if (sigsetjmp(masked, 1) == 0) {
    sigprocmask(SIG_BLOCK, &set, NULL);
    siglongjmp(masked, 1);
  }
  sigprocmask(SIG_BLOCK, NULL, &now);
  printf("mask restored %d\n", !sigismember(&now, SIGUSR1));
  return 0;
}
