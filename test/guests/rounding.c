/* The floating-point environment: exception flags and the four rounding modes. */
#include <fenv.h>
#include <float.h>
#include <math.h>
#include "guest.h"

static const char *flags(void) {
  static char text[8];
  const int raised = fetestexcept(FE_ALL_EXCEPT);
  snprintf(text, sizeof text, "%c%c%c%c%c", raised & FE_INVALID ? 'v' : '-', raised & FE_DIVBYZERO ? 'z' : '-', raised & FE_OVERFLOW ? 'o' : '-',
           raised & FE_UNDERFLOW ? 'u' : '-', raised & FE_INEXACT ? 'x' : '-');
  return text;
}

int main(void) {
  volatile double zero = 0, one = 1, three = 3, big = DBL_MAX, tiny = DBL_MIN;
  volatile double result;
#define FLAGGED(expression) (feclearexcept(FE_ALL_EXCEPT), result = (expression), printf("%s = %a %s\n", #expression, result, flags()))
  FLAGGED(one / three);
  FLAGGED(one / zero);
  FLAGGED(zero / zero);
  FLAGGED(big * big);
  FLAGGED(tiny / big);
  FLAGGED(tiny / three);
  FLAGGED(one + one);
  FLAGGED(sqrt(-one));
  FLAGGED((float)one / 3);
  FLAGGED((double)(int)(one / three));
  FLAGGED((double)(int)(big));

  static const struct {
    const char *name;
    int mode;
  } modes[] = {{"nearest", FE_TONEAREST}, {"up", FE_UPWARD}, {"down", FE_DOWNWARD}, {"zero", FE_TOWARDZERO}};
  for (int m = 0; m < 4; m++) {
    fesetround(modes[m].mode);
    volatile double x = 1, y = 3, tenth = 0.1;
    volatile float f = 1, g = 3;
    printf("%s %d: %a %a %a %a %a %ld %ld %a\n", modes[m].name, fegetround() == modes[m].mode, x / y, -x / y, tenth * tenth, (double)(f / g), (double)(float)tenth,
           lrint(2.5), lrint(-2.5), rint(-0.3));
  }
  fesetround(FE_TONEAREST);
  return 0;
}
