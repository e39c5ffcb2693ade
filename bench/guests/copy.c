/* glibc's memcpy of 64-KiB blocks, aligned and not; an iteration is one block. */
#include "bench.h"

enum { BLOCK = 65536 };
static uint8_t *from, *to;

static uint32_t run(uint32_t iterations) {
  for (uint32_t i = 0; i < iterations; i++) {
    memcpy(to + (i & 3), from + (i >> 2 & 3), BLOCK);
    from[i & (BLOCK - 1)]++;
  }
  uint32_t sum = 0;
  for (int i = 0; i < BLOCK; i += 61) sum = sum * 31 + to[i];
  return sum;
}

int main(int argc, char **argv) {
  from = malloc(BLOCK + 64);
  to = malloc(BLOCK + 64);
  memset(from, 7, BLOCK + 64);
  memset(to, 0, BLOCK + 64);
  return bench(argc, argv, "copy", 20000, BLOCK, run);
}
