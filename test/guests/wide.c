/* 64-bit arithmetic: add, subtract, multiply, divide, shifts and comparisons at the edges. */
#include <inttypes.h>
#include "guest.h"

static const uint64_t edges[] = {0, 1, 2, 3, 10, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x123456789abcdef0, 0x7fffffffffffffff, 0x8000000000000000,
                                 0xffffffffffffffff, 0xfffffffffffffff6, 0xdeadbeefcafebabe};
enum { EDGES = sizeof edges / sizeof *edges };

int main(void) {
  uint32_t sum = CHECKSUM_START;
  for (int i = 0; i < EDGES; i++)
    for (int j = 0; j < EDGES; j++) {
      volatile uint64_t a = edges[i], b = edges[j];
      const int64_t sa = (int64_t)a, sb = (int64_t)b;
      uint64_t results[] = {a + b, a - b, a * b, a & b, a | b, a ^ b, ~a, a << (b & 63), a >> (b & 63), (uint64_t)(sa >> (b & 63)), a < b, sa < sb, a <= b, a == b,
                            (uint64_t)(uint32_t)a * (uint32_t)b, (uint64_t)((int64_t)(int32_t)a * (int32_t)b), (uint64_t)-sa,
                            (uint64_t)__builtin_popcountll(a), a ? (uint64_t)__builtin_clzll(a) : 64, a ? (uint64_t)__builtin_ctzll(a) : 64,
                            __builtin_bswap64(a), b ? a / b : 0, b ? a % b : 0};
      sum = checksum(sum, results, sizeof results);
      if (b != 0 && !(a == edges[11] && b == edges[12])) {
        const int64_t quotient = sa / sb, rest = sa % sb;
        sum = checksum(sum, &quotient, 8);
        sum = checksum(sum, &rest, 8);
        CHECK(quotient * sb + rest == sa);
        if ((i * EDGES + j) % 29 == 0)
          printf("%" PRId64 " / %" PRId64 " = %" PRId64 " rest %" PRId64 ", unsigned %" PRIu64 " rest %" PRIu64 "\n", sa, sb, quotient, rest, a / b, a % b);
      }
      uint64_t carried;
      const int overflow = __builtin_add_overflow(a, b, &carried) + 2 * __builtin_mul_overflow(a, b, &carried);
      sum = checksum(sum, &overflow, 4);
    }
  printf("edges %08x\n", sum);

  Random random = {99};
  uint64_t state = 1;
  for (int i = 0; i < 20000; i++) {
    const uint64_t x = (uint64_t)random_next(&random) << 32 | random_next(&random);
    const uint64_t divisor = x >> (random_next(&random) & 63) | 1;
    state = state * 6364136223846793005u + x / divisor + x % (divisor ^ state | 1);
    state = state << 13 | state >> 51;
    const unsigned by = random_next(&random) & 63;
    state += x << by ^ x >> by ^ (uint64_t)((int64_t)x >> by);
  }
  printf("random %016" PRIx64 "\n", state);
  printf("to real %a %a %a %a\n", (double)edges[14], (double)(int64_t)edges[14], (double)(float)edges[9], (double)(float)(int64_t)edges[12]);
  return 0;
}
