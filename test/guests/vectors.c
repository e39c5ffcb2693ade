/* Loops that the compiler turns into Advanced SIMD at -O3: widening, saturation, min and max, reals, interleaved loads. */
#include <arm_neon.h>
#include "guest.h"

enum { COUNT = 1024 };
static int8_t bytes[COUNT], other_bytes[COUNT];
static int16_t halves[COUNT];
static int32_t words[COUNT];
static uint8_t pixels[COUNT * 3];
static float reals[COUNT], more[COUNT];

int main(void) {
  Random random = {61};
  for (int i = 0; i < COUNT; i++) {
    bytes[i] = (int8_t)random_next(&random);
    other_bytes[i] = (int8_t)random_next(&random);
    halves[i] = (int16_t)random_next(&random);
    words[i] = (int32_t)random_next(&random);
    reals[i] = (float)(int)random_below(&random, 2000) - 1000;
    more[i] = (float)random_below(&random, 512) / 8;
  }
  for (int i = 0; i < COUNT * 3; i++) pixels[i] = (uint8_t)random_next(&random);

  int32_t dot = 0, most = INT32_MIN;
  uint32_t mixed = 0;
  for (int i = 0; i < COUNT; i++) dot += bytes[i] * other_bytes[i];
  for (int i = 0; i < COUNT; i++) most = words[i] > most ? words[i] : most;
  for (int i = 0; i < COUNT; i++) mixed += (uint32_t)(halves[i] * 3) ^ (uint32_t)words[i] >> 5;
  printf("dot %d most %d mixed %u\n", dot, most, mixed);
  for (int i = 0; i < COUNT; i++) {
    const int sum = bytes[i] + other_bytes[i];
    bytes[i] = (int8_t)(sum > 127 ? 127 : sum < -128 ? -128 : sum);
  }
  printf("saturated %08x\n", checksum(CHECKSUM_START, bytes, sizeof bytes));
  static uint8_t grey[COUNT];
  for (int i = 0; i < COUNT; i++) grey[i] = (uint8_t)((pixels[3 * i] * 77 + pixels[3 * i + 1] * 151 + pixels[3 * i + 2] * 28) >> 8);
  printf("grey %08x\n", checksum(CHECKSUM_START, grey, sizeof grey));
  for (int i = 0; i < COUNT; i++) reals[i] = reals[i] * more[i] + (reals[i] < 0 ? -more[i] : more[i]);
  printf("reals %08x\n", checksum(CHECKSUM_START, reals, sizeof reals));

  const uint8x8_t table = vld1_u8(pixels), index = vand_u8(vld1_u8(pixels + 8), vdup_n_u8(11));
  uint8_t out[16];
  vst1_u8(out, vtbl1_u8(table, index));
  vst1_u8(out + 8, vrev64_u8(vext_u8(table, index, 3)));
  printf("permuted %08x\n", checksum(CHECKSUM_START, out, sizeof out));
  int32x4_t quad = vqdmulhq_s32(vld1q_s32(words), vld1q_s32(words + 4));
  quad = vqaddq_s32(quad, vshlq_s32(vld1q_s32(words + 8), vdupq_n_s32(-3)));
  const int16x4_t narrow = vqmovn_s32(quad);
  printf("quad %d %d %d %d narrow %d %d\n", vgetq_lane_s32(quad, 0), vgetq_lane_s32(quad, 1), vgetq_lane_s32(quad, 2), vgetq_lane_s32(quad, 3), vget_lane_s16(narrow, 0),
         vget_lane_s16(narrow, 3));
  const uint8x16x2_t pairs = vld2q_u8(pixels + 100);
  uint8_t zipped[32];
  vst2q_u8(zipped, (uint8x16x2_t){{vabdq_u8(pairs.val[0], pairs.val[1]), vhaddq_u8(pairs.val[0], pairs.val[1])}});
  printf("zipped %08x polynomial %08x\n", checksum(CHECKSUM_START, zipped, sizeof zipped),
         (unsigned)vgetq_lane_u16(vreinterpretq_u16_p16(vmull_p8(vreinterpret_p8_u8(table), vreinterpret_p8_u8(index))), 2));
  return 0;
}
