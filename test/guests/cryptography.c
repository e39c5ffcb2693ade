/* Armv8's instructions for ciphers, hashes and checks by the compiler's intrinsics, long enough to be translated. */
#include <arm_acle.h>
#include <arm_neon.h>
#include "guest.h"

enum { BYTES = 4096, ROUNDS = 10, PASSES = 20 };
static uint8_t data[BYTES];
static uint32_t words[BYTES / 4];

static uint8x16_t encipher(uint8x16_t state, const uint8x16_t *keys) {
  for (int round = 0; round < ROUNDS - 1; round++) state = vaesmcq_u8(vaeseq_u8(state, keys[round]));
  return veorq_u8(vaeseq_u8(state, keys[ROUNDS - 1]), keys[ROUNDS]);
}

static uint8x16_t decipher(uint8x16_t state, const uint8x16_t *keys) {
  state = veorq_u8(state, keys[ROUNDS]);
  for (int round = ROUNDS - 1; round > 0; round--)
    state = vaesdq_u8(vaesimcq_u8(state), round == ROUNDS - 1 ? vdupq_n_u8(0) : vaesimcq_u8(keys[round]));
  return state;
}

static uint32x4_t sha1_part(uint32x4_t hash, uint32_t *e, const uint32_t *block) {
  uint32x4_t w[4];
  for (int i = 0; i < 4; i++) w[i] = vld1q_u32(block + 4 * i);
  for (int group = 0; group < 20; group++) {
    const uint32x4_t keyed = vaddq_u32(w[0], vdupq_n_u32(0x5a827999u + (uint32_t)group));
    const uint32_t next = vsha1h_u32(vgetq_lane_u32(hash, 0));
    hash = group < 5 ? vsha1cq_u32(hash, *e, keyed) : group < 10 || group >= 15 ? vsha1pq_u32(hash, *e, keyed) : vsha1mq_u32(hash, *e, keyed);
    *e = next;
    const uint32x4_t mixed = vsha1su1q_u32(vsha1su0q_u32(w[0], w[1], w[2]), w[3]);
    w[0] = w[1], w[1] = w[2], w[2] = w[3], w[3] = mixed;
  }
  return hash;
}

static void sha256_part(uint32x4_t state[2], const uint32_t *block) {
  uint32x4_t w[4];
  for (int i = 0; i < 4; i++) w[i] = vld1q_u32(block + 4 * i);
  for (int group = 0; group < 16; group++) {
    const uint32x4_t keyed = vaddq_u32(w[0], vdupq_n_u32(0x428a2f98u * (uint32_t)(group + 1)));
    const uint32x4_t low = vsha256hq_u32(state[0], state[1], keyed);
    state[1] = vsha256h2q_u32(state[1], state[0], keyed);
    state[0] = low;
    const uint32x4_t mixed = vsha256su1q_u32(vsha256su0q_u32(w[0], w[1]), w[2], w[3]);
    w[0] = w[1], w[1] = w[2], w[2] = w[3], w[3] = mixed;
  }
}

int main(void) {
  Random random = {99};
  for (int i = 0; i < BYTES; i++) data[i] = (uint8_t)random_next(&random);
  uint8x16_t keys[ROUNDS + 1];
  for (int i = 0; i <= ROUNDS; i++) keys[i] = vld1q_u8(data + 16 * i);
  for (int pass = 0; pass < PASSES; pass++)
    for (int at = 0; at < BYTES; at += 16) vst1q_u8(data + at, encipher(vld1q_u8(data + at), keys));
  printf("enciphered %08x\n", checksum(CHECKSUM_START, data, BYTES));
  for (int pass = 0; pass < PASSES; pass++)
    for (int at = 0; at < BYTES; at += 16) vst1q_u8(data + at, decipher(vld1q_u8(data + at), keys));
  printf("deciphered %08x\n", checksum(CHECKSUM_START, data, BYTES));

  memcpy(words, data, BYTES);
  uint32x4_t hash = vld1q_u32(words), state[2] = {vld1q_u32(words + 4), vld1q_u32(words + 8)};
  uint32_t e = words[12], crc = ~0u, castagnoli = ~0u;
  for (int pass = 0; pass < PASSES; pass++)
    for (int at = 0; at < BYTES / 4; at += 16) {
      hash = sha1_part(hash, &e, words + at);
      sha256_part(state, words + at);
    }
  printf("sha1 %08x %08x sha256 %08x %08x\n", checksum(CHECKSUM_START, &hash, sizeof hash), e, checksum(CHECKSUM_START, &state[0], 16), checksum(CHECKSUM_START, &state[1], 16));

  for (int at = 0; at < BYTES; at++) crc = __crc32b(crc, data[at]), castagnoli = __crc32cb(castagnoli, data[at]);
  for (int at = 0; at < BYTES / 4; at++) crc = __crc32w(crc, words[at]), castagnoli = __crc32cw(castagnoli, words[at]);
  for (int at = 0; at < BYTES / 4; at++) crc = __crc32h(crc, (uint16_t)words[at]), castagnoli = __crc32ch(castagnoli, (uint16_t)words[at]);
  printf("crc %08x castagnoli %08x\n", crc, castagnoli);

  uint64x2_t product = vdupq_n_u64(1);
  for (int at = 0; at < BYTES / 8; at++) {
    poly64_t left, right;
    memcpy(&left, data + 8 * at, 8);
    right = (poly64_t)(vgetq_lane_u64(product, 0) + vgetq_lane_u64(product, 1));
    product = veorq_u64(product, vreinterpretq_u64_p128(vmull_p64(left, right)));
  }
  printf("product %08x\n", checksum(CHECKSUM_START, &product, sizeof product));
  return 0;
}
