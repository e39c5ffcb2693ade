/* Conversions between integers, fixed-point numbers, float, double and half precision in each rounding mode, and the
   library's ways to round. */
#include "float-environment.h"

#define SHOW(format, type, expression)        \
  do {                                        \
    flags_clear();                            \
    volatile type shown = (expression);       \
    printf(" " format " %s", shown, flags()); \
  } while (0)
#define SHOW_BITS(expression)                              \
  do {                                                     \
    flags_clear();                                         \
    volatile double shown = (expression);                  \
    printf(" %016llx %s", bits_of_double(shown), flags()); \
  } while (0)

static const double more[] = {0.5,
                              -0.5,
                              1.5,
                              -1.5,
                              2.5,
                              0.49999999999999994,
                              2147483647.0,
                              2147483647.5,
                              -2147483648.5,
                              4294967295.5,
                              4294967296.0,
                              -0.75,
                              9007199254740993.0,
                              9223372036854775808.0,
                              -9223372036854775808.0,
                              18446744073709551616.0,
                              65504.0,
                              65519.9,
                              6.1e-5,
                              5.9e-8,
                              1e-320};
enum { MORE = sizeof more / sizeof *more };

static void from_double(double value) {
  volatile double x = value;
  volatile float f = (float)value;
  printf("%016llx:", bits_of_double(value));
  SHOW("%d", int, (int)x);
  SHOW("%u", unsigned, (unsigned)x);
  SHOW("%lld", long long, (long long)x);
  SHOW("%llu", unsigned long long, (unsigned long long)x);
  SHOW("%d", int, (int)f);
  SHOW("%u", unsigned, (unsigned)f);
  SHOW("%lld", long long, (long long)f);
  SHOW("%ld", long, lrint(x));
  SHOW("%lld", long long, llrint(x));
  SHOW("%ld", long, lround(x));
  SHOW("%ld", long, lrintf(f));
  printf("\n  ");
  SHOW_BITS(rint(x));
  SHOW_BITS(nearbyint(x));
  SHOW_BITS(round(x));
  SHOW_BITS(roundeven(x));
  SHOW_BITS(trunc(x));
  SHOW_BITS(floor(x));
  SHOW_BITS(ceil(x));
  SHOW_BITS((float)x);
  SHOW_BITS(rintf(f));
  SHOW_BITS(nearbyintf(f));
  /* VCVTR rounds by FPSCR, VCVT towards zero, whatever C says of casts. */
  int rounded, towards_zero;
  unsigned fixed;
  double fraction;
  flags_clear();
  __asm__ volatile("vcvtr.s32.f64 s0, %P1\n\tvmov %0, s0" : "=r"(rounded) : "w"(value) : "s0", "memory");
  printf(" vcvtr %d %s", rounded, flags());
  flags_clear();
  __asm__ volatile("vcvt.s32.f64 s0, %P1\n\tvmov %0, s0" : "=r"(towards_zero) : "w"(value) : "s0", "memory");
  printf(" vcvt %d %s", towards_zero, flags());
  flags_clear();
  __asm__ volatile("vmov.f64 d0, %P1\n\tvcvt.u32.f64 d0, d0, #12\n\tvmov %0, s0"
                   : "=r"(fixed)
                   : "w"(value)
                   : "d0", "memory");
  printf(" fixed %u %s", fixed, flags());
  flags_clear();
  __asm__ volatile("vmov.f64 d0, %P1\n\tvcvt.f64.s16 d0, d0, #7\n\tvmov.f64 %P0, d0"
                   : "=w"(fraction)
                   : "w"(value)
                   : "d0", "memory");
  printf(" %a %s\n", fraction, flags());
}

static void from_integer(int64_t value) {
  volatile int32_t word = (int32_t)value;
  volatile uint32_t natural = (uint32_t)value;
  volatile int64_t wide = value;
  volatile uint64_t wide_natural = (uint64_t)value;
  printf("%lld:", (long long)value);
  SHOW_BITS((float)word);
  SHOW_BITS((float)natural);
  SHOW_BITS((double)word);
  SHOW_BITS((double)wide);
  SHOW_BITS((float)wide);
  SHOW_BITS((double)wide_natural);
  SHOW_BITS((float)wide_natural);
  printf("\n");
}

static void halves(void) {
  for (int i = 0; i < FLOAT_EDGES; i++) {
    volatile float x = float_of_bits(float_edges[i]);
    flags_clear();
    volatile __fp16 half = (__fp16)x;
    const char *narrowed = flags();
    flags_clear();
    volatile float back = half;
    printf("%08x %s %08x %s\n", float_edges[i], narrowed, bits_of_float(back), flags());
  }
  uint32_t sum = CHECKSUM_START;
  flags_clear();
  for (uint32_t bits = 0; bits < 65536; bits++) {
    const uint16_t pattern = (uint16_t)bits;
    __fp16 half;
    memcpy(&half, &pattern, sizeof half);
    const float wide = half;
    const __fp16 again = (__fp16)(wide * 1.0001f);
    sum = checksum(checksum(sum, &wide, sizeof wide), &again, sizeof again);
  }
  printf("halves %08x %s\n", sum, flags());
}

int main(void) {
  for (int m = 0; m < MODES; m++) {
    printf("== %s\n", modes[m].name);
    fesetround(modes[m].mode);
    for (int i = 0; i < DOUBLE_EDGES; i++) from_double(double_of_bits(double_edges[i]));
    for (int i = 0; i < MORE; i++) from_double(more[i]), from_double(-more[i]);
    for (int shift = 0; shift < 63; shift += 3)
      for (int64_t near = -2; near <= 2; near++)
        from_integer(((int64_t)1 << shift) + near), from_integer(near - ((int64_t)3 << shift));
    from_integer(INT64_MAX);
    from_integer(INT64_MIN);
    halves();
  }
  return 0;
}
