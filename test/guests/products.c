/* Dot products, complex numbers, half precision and roundings of Armv8.2 and later, as the compiler makes them. */
#include <arm_neon.h>
#include <math.h>
#include "guest.h"

enum { COUNT = 512 };
static int8_t signed_bytes[COUNT];
static uint8_t bytes[COUNT];
static __fp16 halves[COUNT];
static float reals[COUNT];

int main(void) {
  Random random = {7};
  for (int i = 0; i < COUNT; i++) {
    signed_bytes[i] = (int8_t)random_next(&random);
    bytes[i] = (uint8_t)random_next(&random);
    reals[i] = (float)(int)random_below(&random, 20000) / 64 - 150;
    halves[i] = (__fp16)((float)(int)random_below(&random, 4000) / 128 - 15);
  }
  int32x4_t dots = vdupq_n_s32(0);
  uint32x4_t unsigned_dots = vdupq_n_u32(0);
  for (int i = 0; i < COUNT; i += 16) {
    dots = vdotq_s32(dots, vld1q_s8(signed_bytes + i), vreinterpretq_s8_u8(vld1q_u8(bytes + i)));
    unsigned_dots = vdotq_lane_u32(unsigned_dots, vld1q_u8(bytes + i), vld1_u8(bytes), 1);
  }
  printf("dots %08x %08x\n", checksum(CHECKSUM_START, &dots, sizeof dots), checksum(CHECKSUM_START, &unsigned_dots, sizeof unsigned_dots));

  float16x8_t sums = vdupq_n_f16(0);
  __fp16 total = 0, most = -60;
  for (int i = 0; i < COUNT; i += 8) {
    const float16x8_t each = vld1q_f16(halves + i);
    sums = vfmaq_f16(sums, each, vrndaq_f16(each));
    sums = vaddq_f16(vminnmq_f16(sums, vdupq_n_f16(1000)), vabsq_f16(vrecpeq_f16(each)));
  }
  for (int i = 0; i < COUNT; i++) {
    total = (__fp16)(total * (__fp16)0.5 + halves[i]);
    most = halves[i] > most ? halves[i] : most;
  }
  printf("halves %08x %g %g\n", checksum(CHECKSUM_START, &sums, sizeof sums), (double)total, (double)most);

  double parts[6] = {0};
  for (int i = 0; i < COUNT; i++) {
    parts[0] += floorf(reals[i]), parts[1] += ceilf(reals[i]), parts[2] += roundf(reals[i]);
    parts[3] += trunc(reals[i]), parts[4] += rint(reals[i]), parts[5] += fmaxf(reals[i], reals[COUNT - 1 - i]);
  }
  for (int i = 0; i < 6; i++) printf("%.6g%c", parts[i], i == 5 ? '\n' : ' ');
  long rounded = 0;
  for (int i = 0; i < COUNT; i++) rounded += lroundf(reals[i]) + (int)floor((double)reals[i]) + (reals[i] > 0 ? i : -i);
  printf("rounded %ld\n", rounded);
  const int32x4_t high = vqrdmlahq_s32(dots, vreinterpretq_s32_u32(unsigned_dots), vdupq_n_s32(0x12345678));
  printf("high %08x\n", checksum(CHECKSUM_START, &high, sizeof high));
  return 0;
}
