/* Conversions between reals and integers at the edges: they saturate on Arm, and NaN gives 0. */
#include <math.h>
#include "guest.h"

static const double edges[] = {0,          -0.0,        0.5,          -0.5,         0.99999999, 1.5,    2.5,          -2.5,          2147483646.5, 2147483647.0, 2147483648.0, -2147483648.0, -2147483649.0, 4294967295.0,
                               4294967296.0, 1e10,      -1e10,        9.2233720368547748e18, 1e19, -1e19, 1.8446744073709552e19, 1e300, -1e300, INFINITY,    -INFINITY,   NAN,           1e-300,        16777216.5,
                               123456.789,   -123456.789};

/* Conversions as instructions: a C cast beyond the range is undefined, the instruction is not. */
static int32_t to_s32(double x) { float r; int32_t i; __asm__("vcvt.s32.f64 %0, %P1" : "=t"(r) : "w"(x)); memcpy(&i, &r, 4); return i; }
static uint32_t to_u32(double x) { float r; uint32_t i; __asm__("vcvt.u32.f64 %0, %P1" : "=t"(r) : "w"(x)); memcpy(&i, &r, 4); return i; }
static int32_t to_s32_round(double x) { float r; int32_t i; __asm__("vcvtr.s32.f64 %0, %P1" : "=t"(r) : "w"(x)); memcpy(&i, &r, 4); return i; }
static int32_t single_s32(float x) { float r; int32_t i; __asm__("vcvt.s32.f32 %0, %1" : "=t"(r) : "t"(x)); memcpy(&i, &r, 4); return i; }
static uint32_t single_u32(float x) { float r; uint32_t i; __asm__("vcvt.u32.f32 %0, %1" : "=t"(r) : "t"(x)); memcpy(&i, &r, 4); return i; }
static int32_t fixed_s32(float x) { int32_t i; __asm__("vcvt.s32.f32 %0, %0, #8" : "+t"(x)); memcpy(&i, &x, 4); return i; }
static int32_t fixed_s16(float x) { int32_t i; __asm__("vcvt.s16.f32 %0, %0, #4" : "+t"(x)); memcpy(&i, &x, 4); return i; }

int main(void) {
  for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
    const double x = edges[i];
    const float f = (float)x;
    printf("%g: s32 %d u32 %u round %d | single %d %u fixed %d %d", x, to_s32(x), to_u32(x), to_s32_round(x), single_s32(f), single_u32(f), fixed_s32(f), fixed_s16(f));
    if (fabs(x) < 9e18) printf(" s64 %lld", (long long)x);
    if (x > -1 && x < 1.8e19) printf(" u64 %llu", (unsigned long long)x);
    printf(" float %a\n", (double)f);
  }
  static const int32_t words[] = {0, 1, -1, INT32_MAX, INT32_MIN, 16777217, -16777217, 123456789};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    volatile int32_t s = words[i];
    volatile uint32_t u = (uint32_t)words[i];
    volatile int64_t l = (int64_t)words[i] * 0x100000001;
    volatile uint64_t v = (uint64_t)l;
    printf("%d: %a %a %a %a %a %a %a %a\n", s, (double)s, (double)u, (double)(float)s, (double)(float)u, (double)l, (double)v, (double)(float)l, (double)(float)v);
    printf("char %d %u short %d %u bool %d\n", (signed char)s, (unsigned char)s, (short)s, (unsigned short)s, (_Bool)s);
  }
  uint32_t sum = CHECKSUM_START;
  Random random = {3};
  for (int i = 0; i < 20000; i++) {
    const uint64_t bits = (uint64_t)random_next(&random) << 32 | random_next(&random);
    double x;
    float f;
    memcpy(&x, &bits, 8);
    memcpy(&f, &bits, 4);
    const uint32_t values[] = {(uint32_t)to_s32(x), to_u32(x), (uint32_t)single_s32(f), single_u32(f), (uint32_t)to_s32_round(x), (uint32_t)fixed_s32(f)};
    sum = checksum(sum, values, sizeof values);
  }
  printf("random %08x\n", sum);
  return 0;
}
