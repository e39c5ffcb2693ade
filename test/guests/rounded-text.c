/* Text to numbers and back in each rounding mode: strtod, strtof, strtold, sscanf, printf. */
#include "float-environment.h"

static const char *const texts[] = {"0.1",
                                    "-0.1",
                                    "1e23",
                                    "8.5e-324",
                                    "2.4703282292062328e-324",
                                    "1.7976931348623158e308",
                                    "1.7976931348623159e308",
                                    "-1e400",
                                    "1e-400",
                                    "9007199254740993",
                                    "0x1.00000000000008p0",
                                    "0x1.fffffffffffff8p0",
                                    "0x1p-1075",
                                    "-0x1.8p-1074",
                                    "3.4028235677973366e38",
                                    "1.17549429e-38",
                                    "7.0064923216240853e-46",
                                    "inf",
                                    "-nan",
                                    "nan(0x1234)",
                                    "1.00000005960464477539062500001",
                                    "123456789012345678901234567890",
                                    "0.5000000000000000000000000000000000001",
                                    "junk"};
static const double numbers[] = {0.5,   1.5,    2.5,     -2.5,    0.125, -0.375, 1e15 / 3, 2.0 / 3,       1e23,
                                 1e300, 5e-324, DBL_MAX, DBL_MIN, 9.995, 99.5,   -99999.5, 1234567.890625};

int main(void) {
  for (int m = 0; m < MODES; m++) {
    fesetround(modes[m].mode);
    printf("== %s\n", modes[m].name);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
      char *end;
      flags_clear();
      const double wide = strtod(texts[i], &end);
      const char *first = flags();
      flags_clear();
      const float narrow = strtof(texts[i], NULL);
      const char *second = flags();
      double scanned = 42;
      const int fields = sscanf(texts[i], "%lf", &scanned);
      printf("%s: %016llx %s rest '%s', %08x %s, %d %016llx %016llx\n", texts[i], bits_of_double(wide), first, end,
             bits_of_float(narrow), second, fields, bits_of_double(scanned),
             bits_of_double((double)strtold(texts[i], NULL)));
    }
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
      volatile double x = numbers[i];
      printf("%.0f %.1f %.2f %.3f %.10f ", x, x, x, x, x);
      printf("%.0e %.3e %.17e %g %.3g %.20g %a %.2a %.0a\n", x, x, x, x, x, x, x, x, x);
    }
  }
  fesetround(FE_TONEAREST);
  Random random = {271828};
  uint32_t sum = CHECKSUM_START;
  for (int i = 0; i < 400; i++) {
    char text[64];
    const uint64_t bits = (uint64_t)random_next(&random) << 32 | random_next(&random);
    const double x = double_of_bits(bits);
    if (isnan(x)) continue;
    fesetround(modes[i % MODES].mode);
    snprintf(text, sizeof text, "%.15g %.*e", x, i % 12, x);
    const double back = strtod(text, NULL);
    sum = checksum(checksum(sum, text, strlen(text)), &back, sizeof back);
  }
  printf("random %08x\n", sum);
  return 0;
}
