/* sscanf, strtol and its kin, strtod: values, end positions, errno. */
#include <errno.h>
#include <inttypes.h>
#include "guest.h"

static void scan_real(const char *text) {
  char *end;
  errno = 0;
  const double value = strtod(text, &end);
  const int error = errno;
  const float single = strtof(text, NULL);
  printf("strtod [%s] %a %.17g used %d errno %d, strtof %a\n", text, value, value, (int)(end - text), error, (double)single);
}

static void scan_integer(const char *text, int base) {
  char *end;
  errno = 0;
  const long value = strtol(text, &end, base);
  const int error = errno;
  errno = 0;
  const unsigned long long wide = strtoull(text, NULL, base);
  printf("strtol [%s] base %d: %ld used %d errno %d, strtoull %llu errno %d\n", text, base, value, (int)(end - text), error, wide,
         errno);
}

int main(void) {
  static const char *const reals[] = {"0", "-0", "1", "3.14159265358979323846", "1e308", "1e309", "-1e309", "4.9e-324", "2e-324", "1e-400",
                                      "inf", "-infinity", "nan", "0x1.8p3", "0x1p-1074", "  12.5xyz", "1e", ".5", "9007199254740993",
                                      "1.7976931348623157e308", "2.2250738585072011e-308", "0.1e1e1", "16777217", "3.4028236e38"};
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) scan_real(reals[i]);

  static const struct {
    const char *text;
    int base;
  } integers[] = {{"123", 10}, {"-123abc", 10}, {"0x7fffffff", 0}, {"0x80000000", 16}, {"077", 0}, {"zz", 36}, {"99999999999", 10}, {"-2147483649", 10},
                  {"", 10}, {"  +7 ", 10}, {"1010101", 2}, {"18446744073709551616", 10}};
  for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) scan_integer(integers[i].text, integers[i].base);

  int a = 0, b = 0, n = 0;
  unsigned x = 0;
  float f = 0;
  double d = 0;
  char word[16] = "", set[16] = "", c = 0;
  long long wide = 0;
  int got = sscanf("12 -7 ff 1.25 6.5e-3 hello xyz123 !", "%d %d %x %f %lf %15s %15[a-z]%n", &a, &b, &x, &f, &d, word, set, &n);
  printf("%d: %d %d %x %g %g %s %s %d\n", got, a, b, x, (double)f, d, word, set, n);
  got = sscanf("1234567890123456789:q", "%lld:%c", &wide, &c);
  printf("%d: %lld %c\n", got, wide, c);
  got = sscanf("12abc", "%3d%2s", &a, word);
  printf("%d: %d %s\n", got, a, word);
  printf("none: %d, end: %d\n", sscanf("x", "%d", &a), sscanf("", "%d", &a));
  return 0;
}
