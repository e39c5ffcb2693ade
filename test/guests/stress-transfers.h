/* Every way to store bytes and to load them again: each width, pairs, multiples, NEON, and the C library's copies. */
#ifndef STRESS_TRANSFERS_H
#define STRESS_TRANSFERS_H

#include <stdint.h>
#include <string.h>

enum { TRANSFER_MOST = 64 };

typedef struct {
  const char *name;
  uint32_t size;
  /* Addresses may be multiples of this only; 1 = any, across granules, blocks and pages. */
  uint32_t alignment;
  void (*store)(void *to, const void *local);
  void (*load)(void *local, const void *from);
} Transfer;

/* `load_code` loads from %1, `store_code` stores to %0; the registers between are those of the clobber list. */
#define TRANSFER(name, local_load, local_store, load_code, store_code, ...)                                          \
  static void store_##name(void *to, const void *local) {                                                            \
    __asm__ volatile(local_load "\n" store_code ::"r"(to), "r"(local) : "memory", __VA_ARGS__);                      \
  }                                                                                                                  \
  static void load_##name(void *local, const void *from) {                                                           \
    __asm__ volatile(load_code "\n" local_store ::"r"(local), "r"(from) : "memory", __VA_ARGS__);                    \
  }

TRANSFER(byte, "ldrb r4, [%1]", "strb r4, [%0]", "ldrb r4, [%1]", "strb r4, [%0]", "r4")
TRANSFER(half, "ldrh r4, [%1]", "strh r4, [%0]", "ldrh r4, [%1]", "strh r4, [%0]", "r4")
TRANSFER(word, "ldr r4, [%1]", "str r4, [%0]", "ldr r4, [%1]", "str r4, [%0]", "r4")
TRANSFER(pair, "ldrd r4, r5, [%1]", "strd r4, r5, [%0]", "ldrd r4, r5, [%1]", "strd r4, r5, [%0]", "r4", "r5")
TRANSFER(ldm2, "ldm %1, {r4, r5}", "stm %0, {r4, r5}", "ldm %1, {r4, r5}", "stm %0, {r4, r5}", "r4", "r5")
TRANSFER(ldm4, "ldm %1, {r4-r6, r8}", "stm %0, {r4-r6, r8}", "ldm %1, {r4-r6, r8}", "stm %0, {r4-r6, r8}", "r4", "r5", "r6", "r8")
TRANSFER(ldm6, "ldm %1, {r4-r6, r8-r10}", "stm %0, {r4-r6, r8-r10}", "ldm %1, {r4-r6, r8-r10}", "stm %0, {r4-r6, r8-r10}", "r4", "r5", "r6", "r8", "r9", "r10")
TRANSFER(single, "vldr s0, [%1]", "vstr s0, [%0]", "vldr s0, [%1]", "vstr s0, [%0]", "d0")
TRANSFER(double, "vldr d0, [%1]", "vstr d0, [%0]", "vldr d0, [%1]", "vstr d0, [%0]", "d0")
TRANSFER(vldm, "vldm %1, {d0-d3}", "vstm %0, {d0-d3}", "vldm %1, {d0-d3}", "vstm %0, {d0-d3}", "d0", "d1", "d2", "d3")
TRANSFER(neon8, "vld1.8 {d0}, [%1]", "vst1.8 {d0}, [%0]", "vld1.8 {d0}, [%1]", "vst1.8 {d0}, [%0]", "d0")
TRANSFER(neon16, "vld1.8 {d0, d1}, [%1]", "vst1.8 {d0, d1}, [%0]", "vld1.8 {d0, d1}, [%1]", "vst1.8 {d0, d1}, [%0]", "d0", "d1")
TRANSFER(neon32, "vld1.32 {d0-d3}, [%1]", "vst1.32 {d0-d3}, [%0]", "vld1.32 {d0-d3}, [%1]", "vst1.32 {d0-d3}, [%0]", "d0", "d1", "d2", "d3")
TRANSFER(vld3, "vld3.8 {d0-d2}, [%1]", "vst3.8 {d0-d2}, [%0]", "vld3.8 {d0-d2}, [%1]", "vst3.8 {d0-d2}, [%0]", "d0", "d1", "d2")
TRANSFER(vld4, "vld4.16 {d0-d3}, [%1]", "vst4.16 {d0-d3}, [%0]", "vld4.16 {d0-d3}, [%1]", "vst4.16 {d0-d3}, [%0]", "d0", "d1", "d2", "d3")
static void copy37(void *to, const void *from) { memcpy(to, from, 37); }
static void copy64(void *to, const void *from) { memmove(to, from, 64); }

static const Transfer transfers[] = {
  {"strb", 1, 1, store_byte, load_byte},
  {"strh", 2, 1, store_half, load_half},
  {"str", 4, 1, store_word, load_word},
  {"aligned str", 4, 4, store_word, load_word},
  {"strd", 8, 4, store_pair, load_pair},
  {"stm of 2", 8, 4, store_ldm2, load_ldm2},
  {"stm of 4", 16, 4, store_ldm4, load_ldm4},
  {"stm of 6", 24, 4, store_ldm6, load_ldm6},
  {"vstr s", 4, 4, store_single, load_single},
  {"vstr d", 8, 4, store_double, load_double},
  {"vstm", 32, 4, store_vldm, load_vldm},
  {"vst1.8 of 8", 8, 1, store_neon8, load_neon8},
  {"vst1.8 of 16", 16, 1, store_neon16, load_neon16},
  {"vst1.32 of 32", 32, 4, store_neon32, load_neon32},
  {"vst3.8", 24, 1, store_vld3, load_vld3},
  {"vst4.16", 32, 2, store_vld4, load_vld4},
  {"memcpy of 37", 37, 1, copy37, copy37},
  {"memmove of 64", 64, 1, copy64, copy64},
};
enum { TRANSFERS = sizeof transfers / sizeof transfers[0] };

#endif
