/* The mathematics library over a range of arguments, printed exactly. */
#include <complex.h>
#include <math.h>
#include "guest.h"

typedef double Unary(double);
static const struct {
  const char *name;
  Unary *function;
  double from, to;
} unary[] = {{"sin", sin, -20, 20},     {"cos", cos, -20, 20},     {"tan", tan, -3, 3},      {"asin", asin, -1, 1},    {"acos", acos, -1, 1},
             {"atan", atan, -50, 50},   {"sinh", sinh, -9, 9},     {"cosh", cosh, -9, 9},    {"tanh", tanh, -3, 3},    {"exp", exp, -30, 30},
             {"exp2", exp2, -30, 30},   {"expm1", expm1, -2, 2},   {"log", log, 0.01, 1000}, {"log2", log2, 0.01, 99}, {"log10", log10, 0.01, 99},
             {"log1p", log1p, -0.9, 9}, {"sqrt", sqrt, 0, 1000},   {"cbrt", cbrt, -90, 90},  {"floor", floor, -9, 9},  {"ceil", ceil, -9, 9},
             {"round", round, -9, 9},   {"trunc", trunc, -9, 9},   {"rint", rint, -9, 9},    {"erf", erf, -3, 3},      {"tgamma", tgamma, 0.1, 9},
             {"lgamma", lgamma, 0.1, 9}, {"j0", j0, 0, 9},         {"fabs", fabs, -9, 9},    {"logb", logb, 0.1, 900}, {"asinh", asinh, -9, 9}};

typedef float Single(float);
static const struct {
  const char *name;
  Single *function;
} singles[] = {{"sinf", sinf}, {"cosf", cosf}, {"expf", expf}, {"sqrtf", sqrtf}, {"logf", logf}, {"tanhf", tanhf}, {"roundf", roundf}};

int main(void) {
  for (size_t i = 0; i < sizeof unary / sizeof *unary; i++) {
    uint32_t sum = CHECKSUM_START;
    for (int step = 0; step <= 200; step++) {
      const double x = unary[i].from + (unary[i].to - unary[i].from) * step / 200;
      const double y = unary[i].function(x);
      sum = checksum(sum, &y, sizeof y);
      if (step % 67 == 3) printf("%s(%a) = %a\n", unary[i].name, x, y);
    }
    printf("%s %08x\n", unary[i].name, sum);
  }
  for (size_t i = 0; i < sizeof singles / sizeof *singles; i++) {
    uint32_t sum = CHECKSUM_START;
    for (int step = 1; step <= 200; step++) {
      const float y = singles[i].function(step * 0.0517f);
      sum = checksum(sum, &y, sizeof y);
    }
    printf("%s %08x\n", singles[i].name, sum);
  }
  for (int i = 1; i < 12; i++) {
    const double x = i * 1.37 - 7, y = i * 0.61;
    int exponent, quotient;
    double whole;
    const double mantissa = frexp(x, &exponent), part = modf(x, &whole), rest = remquo(x, y, &quotient);
    printf("%a %a %a %a %a %a\n", pow(fabs(x), y), fmod(x, y), remainder(x, y), atan2(x, y), hypot(x, y), fma(x, y, 0.1));
    printf("%a %d %a %a %a %d %a %a %a\n", mantissa, exponent, part, whole, rest, quotient & 7, ldexp(x, i), copysign(y, x), nextafter(x, y));
    printf("%ld %lld %ld %a %a %a %a\n", lrint(x), llround(x), lround(y), fmin(x, y), fmax(x, y), fdim(x, y), scalbn(x, -i));
  }
  const double complex z = csqrt(-3 + 4 * I) * cexp(1 + 2 * I);
  printf("%a %a %a\n", creal(z), cimag(z), cabs(z));
  return 0;
}
