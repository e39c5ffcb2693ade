/* Sums, products, quotients, roots and fused products in the four rounding modes, with the exceptions of each, with
   denormals flushed to zero and NaNs made default ones too, in double and single precision. */
#include "float-environment.h"

#define SHOW_DOUBLE(expression) (flags_clear(), r = (expression), printf(" %016llx %s", bits_of_double(r), flags()))
#define SHOW_FLOAT(expression) (flags_clear(), s = (expression), printf(" %08x %s", bits_of_float(s), flags()))

/* Every `stride`th pair of edges. */
static void doubles(int stride) {
  volatile double x, y, z, r;
  for (int i = 0; i < DOUBLE_EDGES; i++) {
    x = double_of_bits(double_edges[i]);
    printf("%016llx: sqrt", double_edges[i]);
    SHOW_DOUBLE(sqrt(x));
    printf(" rint");
    SHOW_DOUBLE(rint(x));
    printf(" narrow");
    volatile float s;
    SHOW_FLOAT((float)x);
    printf("\n");
    for (int j = 0; j < DOUBLE_EDGES; j++) {
      if ((i + j) % stride != 0) continue;
      y = double_of_bits(double_edges[j]);
      printf(" %d,%d", i, j);
      SHOW_DOUBLE(x + y);
      SHOW_DOUBLE(x - y);
      SHOW_DOUBLE(x * y);
      SHOW_DOUBLE(x / y);
      if ((i + j) % 4 == 0) {
        z = double_of_bits(double_edges[(i * 7 + j * 3) % DOUBLE_EDGES]);
        SHOW_DOUBLE(fma(x, y, z));
        SHOW_DOUBLE(z - x * y);
      }
      printf("\n");
    }
  }
}

static void floats(int stride) {
  volatile float x, y, z, s;
  for (int i = 0; i < FLOAT_EDGES; i++) {
    x = float_of_bits(float_edges[i]);
    printf("%08x: sqrt", float_edges[i]);
    SHOW_FLOAT(sqrtf(x));
    printf(" rint");
    SHOW_FLOAT(rintf(x));
    printf(" widen");
    volatile double r;
    SHOW_DOUBLE((double)x);
    printf("\n");
    for (int j = 0; j < FLOAT_EDGES; j++) {
      if ((i + j) % stride != 0) continue;
      y = float_of_bits(float_edges[j]);
      printf(" %d,%d", i, j);
      SHOW_FLOAT(x + y);
      SHOW_FLOAT(x - y);
      SHOW_FLOAT(x * y);
      SHOW_FLOAT(x / y);
      if ((i + j) % 4 == 0) {
        z = float_of_bits(float_edges[(i * 7 + j * 3) % FLOAT_EDGES]);
        SHOW_FLOAT(fmaf(x, y, z));
        SHOW_FLOAT(z - x * y);
      }
      printf("\n");
    }
  }
}

/* Loops that run long enough to be translated, whose mode changes under way. */
static void sums(void) {
  volatile double third = 3;
  volatile float seventh = 7;
  for (int m = 0; m < 4 * MODES; m++) {
    fesetround(modes[m % MODES].mode);
    double sum = 0, product = 1;
    float single = 0;
    flags_clear();
    for (int i = 1; i < 5000; i++) {
      sum += i / third;
      product *= 1 + 1 / (third * i * i);
      single -= i / seventh;
    }
    printf("%s %a %a %a %s\n", modes[m % MODES].name, sum, product, (double)single, flags());
  }
  fesetround(FE_TONEAREST);
}

int main(void) {
  static const uint32_t settings[] = {0, FPSCR_FZ, FPSCR_DN, FPSCR_FZ | FPSCR_DN};
  for (int setting = 0; setting < 4; setting++) {
    for (int m = 0; m < MODES; m++) {
      printf("== %s%s%s\n", modes[m].name, settings[setting] & FPSCR_FZ ? " flush" : "",
             settings[setting] & FPSCR_DN ? " default" : "");
      fesetround(modes[m].mode);
      fpscr_set(fpscr_get() | settings[setting]);
      doubles(settings[setting] == 0 ? 1 : 4);
      floats(settings[setting] == 0 ? 1 : 4);
      fpscr_set(fpscr_get() & ~(FPSCR_FZ | FPSCR_DN));
    }
  }
  fesetround(FE_TONEAREST);
  sums();
  return 0;
}
