/* Advanced SIMD takes nothing from FPSCR but gives it exceptions: lanes are rounded to nearest, denormals flushed, NaNs
   default ones, whatever the mode (DDI 0406C A2.7.7). Each operation on edges and random lanes in every mode. */
#include <arm_neon.h>
#include "float-environment.h"

static void show(const char *name, uint32x4_t value) {
  uint32_t lanes[4];
  vst1q_u32(lanes, value);
  printf(" %s %08x %08x %08x %08x %s\n", name, lanes[0], lanes[1], lanes[2], lanes[3], flags());
}

#define SHOW(name, expression) (flags_clear(), show(name, vreinterpretq_u32_f32(expression)))
#define SHOW_WORDS(name, expression) (flags_clear(), show(name, vreinterpretq_u32_s32(expression)))
#define SHOW_MASK(name, expression) (flags_clear(), show(name, expression))

/* Keeps the compiler from moving an operation over a change of FPSCR. */
static float32x4_t opaque(float32x4_t x) {
  __asm__ volatile("" : "+w"(x) : : "memory");
  return x;
}

static void operations(float32x4_t p, float32x4_t q, float32x4_t r) {
#define P opaque(p)
  SHOW("add", vaddq_f32(P, q));
  SHOW("sub", vsubq_f32(P, q));
  SHOW("mul", vmulq_f32(P, q));
  SHOW("mla", vmlaq_f32(P, q, r));
  SHOW("mls", vmlsq_f32(P, q, r));
  SHOW("fma", vfmaq_f32(P, q, r));
  SHOW("fms", vfmsq_f32(P, q, r));
  SHOW("max", vmaxq_f32(P, q));
  SHOW("min", vminq_f32(P, q));
  SHOW("abd", vabdq_f32(P, q));
  SHOW("abs", vabsq_f32(P));
  SHOW("neg", vnegq_f32(P));
  SHOW("recpe", vrecpeq_f32(P));
  SHOW("recps", vrecpsq_f32(P, q));
  SHOW("rsqrte", vrsqrteq_f32(P));
  SHOW("rsqrts", vrsqrtsq_f32(P, q));
  SHOW_WORDS("to int", vcvtq_s32_f32(P));
  SHOW_WORDS("to fixed", vcvtq_n_s32_f32(P, 9));
  SHOW("from int", vcvtq_f32_s32(vreinterpretq_s32_f32(P)));
  SHOW("from unsigned", vcvtq_f32_u32(vreinterpretq_u32_f32(P)));
  SHOW("from fixed", vcvtq_n_f32_u32(vreinterpretq_u32_f32(P), 31));
  SHOW_MASK("eq", vceqq_f32(P, q));
  SHOW_MASK("ge", vcgeq_f32(P, q));
  SHOW_MASK("gt", vcgtq_f32(P, q));
  SHOW_MASK("abs ge", vcageq_f32(P, q));
  SHOW("pairs",
       vcombine_f32(vpadd_f32(vget_low_f32(P), vget_high_f32(q)), vpmax_f32(vget_low_f32(P), vget_low_f32(q))));
  SHOW("by lane", vmulq_lane_f32(P, vget_low_f32(q), 1));
  flags_clear();
  const float16x4_t half = vcvt_f16_f32(P);
  printf(" half %016llx %s", (unsigned long long)vget_lane_u64(vreinterpret_u64_f16(half), 0), flags());
  SHOW(" back", vcvt_f32_f16(half));
}

int main(void) {
  Random random = {141421};
  static const uint32_t settings[] = {0, FPSCR_FZ | FPSCR_DN};
  for (int setting = 0; setting < 2; setting++) {
    for (int m = 0; m < MODES; m++) {
      fesetround(modes[m].mode);
      fpscr_set((fpscr_get() & ~(FPSCR_FZ | FPSCR_DN)) | settings[setting]);
      printf("== %s %d\n", modes[m].name, setting);
      for (int i = 0; i < 40; i++) {
        uint32_t lanes[12];
        for (int k = 0; k < 12; k++)
          lanes[k] = random_below(&random, 3) ? float_edges[random_below(&random, FLOAT_EDGES)] : random_next(&random);
        operations(vreinterpretq_f32_u32(vld1q_u32(lanes)), vreinterpretq_f32_u32(vld1q_u32(lanes + 4)),
                   vreinterpretq_f32_u32(vld1q_u32(lanes + 8)));
      }
    }
  }
  return 0;
}
