/*
 * Applies floating-point instructions to cases read from standard input, and writes the cases as they come out. The
 * instructions stand in a header that test/exact-float-reference.ts makes: float_instructions[] in assembler.
 */
#include <stdint.h>
#include <unistd.h>

/* One case: operands q0, q1, q2 in, q0 out; FPSCR in and out; the instruction's number. */
struct float_case {
  uint32_t operands[12];
  uint32_t fpscr;
  uint32_t instruction;
};

typedef void float_instruction(struct float_case *);
extern float_instruction *const float_instructions[];

#include "exact-float-instructions.h"

static struct float_case cases[4096];

int main(void) {
  for (;;) {
    size_t have = 0;
    while (have < sizeof cases) {
      ssize_t got = read(0, (char *)cases + have, sizeof cases - have);
      if (got < 0) return 1;
      if (got == 0) break;
      have += got;
    }
    if (have == 0) return 0;
    for (size_t i = 0; i < have / sizeof cases[0]; i++) float_instructions[cases[i].instruction](&cases[i]);
    for (size_t done = 0; done < have;) {
      ssize_t put = write(1, (char *)cases + done, have - done);
      if (put <= 0) return 1;
      done += put;
    }
  }
}
