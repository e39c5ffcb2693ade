/* Floating point: nan, infinity, denormals, signed zero, float and double edges. */
#include <float.h>
#include <math.h>
#include "guest.h"

static const double edges[] = {0.0, -0.0, 1, -1, 0.5, 1.0 / 3, DBL_MIN, DBL_MAX, -DBL_MAX, 4.9406564584124654e-324, 2.2250738585072009e-308, INFINITY, -INFINITY, NAN,
                               DBL_EPSILON, 1e16, 4503599627370497.5, 16777217, 1e-40, 3.5e38};
enum { EDGES = sizeof edges / sizeof *edges };

/* The sign of a NaN that an operation makes is printed as it is: Arm's default NaN is positive. */
static void print_pair(double a, double b) {
  volatile double x = a, y = b;
  volatile float p = (float)a, q = (float)b;
  printf("%g %g: %a %a %a %a | %a %a %a %a | %d%d%d%d%d%d %d\n", a, b, x + y, x - y, x * y, x / y, (double)(p + q), (double)(p - q), (double)(p * q), (double)(p / q),
         x < y, x <= y, x == y, x != y, x >= y, x > y, isunordered(x, y));
}

int main(void) {
  for (int i = 0; i < EDGES; i++) {
    const double x = edges[i];
    printf("%g %f %e %a class %d sign %d finite %d float %a sqrt %a neg %a abs %a\n", x, x, x, x, fpclassify(x), !!signbit(x), !!isfinite(x), (double)(float)x, sqrt(x), -x,
           fabs(x));
    for (int j = 0; j < EDGES; j++)
      if ((i + j) % 3 == 0) print_pair(x, edges[j]);
  }

  uint32_t sum = CHECKSUM_START;
  Random random = {31};
  for (int i = 0; i < 20000; i++) {
    const uint64_t bits = (uint64_t)random_next(&random) << 32 | random_next(&random);
    double x, y;
    float f;
    memcpy(&x, &bits, 8);
    memcpy(&f, &bits, 4);
    y = x * 1.0000001 + f;
    if (y == y) sum = checksum(sum, &y, 8);
    const float narrow = (float)x;
    if (narrow == narrow) sum = checksum(sum, &narrow, 4);
  }
  printf("random %08x\n", sum);
  return 0;
}
