/* The C library's functions in each rounding mode, with the exceptions that they raise. */
#include <errno.h>
#include "float-environment.h"

#define UNARY(name) {#name, name, name##f}
static const struct {
  const char *name;
  double (*wide)(double);
  float (*narrow)(float);
} unary[] = {UNARY(sin),   UNARY(cos),    UNARY(tan),    UNARY(asin),  UNARY(acos),  UNARY(atan), UNARY(sinh),
             UNARY(cosh),  UNARY(tanh),   UNARY(asinh),  UNARY(acosh), UNARY(atanh), UNARY(exp),  UNARY(exp2),
             UNARY(expm1), UNARY(log),    UNARY(log2),   UNARY(log10), UNARY(log1p), UNARY(cbrt), UNARY(erf),
             UNARY(erfc),  UNARY(tgamma), UNARY(lgamma), UNARY(logb),  UNARY(rint),  UNARY(round)};
static const struct {
  const char *name;
  double (*wide)(double, double);
  float (*narrow)(float, float);
} binary[] = {UNARY(pow),       UNARY(atan2),    UNARY(hypot), UNARY(fmod), UNARY(remainder),
              UNARY(nextafter), UNARY(copysign), UNARY(fdim),  UNARY(fmax), UNARY(fmin)};

static const double values[] = {0,      -0.0, 0.5,  -0.7, 1,      1.25,   -3,       10.3,      88.5, 700.1,
                                -745.2, 1e5,  1e-5, 1e17, -1e300, 5e-324, INFINITY, -INFINITY, NAN};
enum { VALUES = sizeof values / sizeof *values };

int main(void) {
  for (int m = 0; m < MODES; m++) {
    fesetround(modes[m].mode);
    printf("== %s\n", modes[m].name);
    for (size_t f = 0; f < sizeof unary / sizeof *unary; f++)
      for (int i = 0; i < VALUES; i++) {
        volatile double x = values[i];
        volatile float y = (float)x;
        errno = 0;
        flags_clear();
        const double r = unary[f].wide(x);
        const char *first = flags();
        flags_clear();
        const float s = unary[f].narrow(y);
        printf("%s(%a) %016llx %s %08x %s errno %d\n", unary[f].name, x, bits_of_double(r), first, bits_of_float(s),
               flags(), errno);
      }
    for (size_t f = 0; f < sizeof binary / sizeof *binary; f++)
      for (int i = 0; i < VALUES; i++)
        for (int j = 0; j < VALUES; j += 1 + (i + j) % 2) {
          volatile double x = values[i], y = values[j];
          flags_clear();
          const double r = binary[f].wide(x, y);
          const char *first = flags();
          volatile float p = (float)x, q = (float)y;
          flags_clear();
          const float s = binary[f].narrow(p, q);
          printf("%s(%a, %a) %016llx %s %08x %s\n", binary[f].name, x, y, bits_of_double(r), first, bits_of_float(s),
                 flags());
        }
    for (int i = 0; i < VALUES; i++) {
      int exponent, quotient;
      double whole;
      volatile double x = values[i];
      flags_clear();
      const double fraction = frexp(x, &exponent), part = modf(x, &whole), rest = remquo(x, 0.3, &quotient);
      printf("%a: %a %d %a %a %a %d %a %a %a %s\n", x, fraction, isfinite(x) ? exponent : 0, part, whole, rest,
             isfinite(x) ? quotient : 0, ldexp(x, -1040), scalbn(x, 1000), nexttoward(x, 1e3L), flags());
    }
  }
  return 0;
}
