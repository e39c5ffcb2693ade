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
  void (*move)(void *to, const void *from);
} Transfer;

/* Loads into registers and stores from them: from a local buffer into the shared memory, or the other way. */
#define TRANSFER(name, LOAD, STORE, ...)                                                               \
  static void move_##name(void *to, const void *from) {                                                \
    __asm__ volatile(LOAD("%1") "\n" STORE("%0") ::"r"(to), "r"(from) : "memory", __VA_ARGS__);         \
  }

#define LDRB(at) "ldrb r4, [" at "]"
#define STRB(at) "strb r4, [" at "]"
#define LDRH(at) "ldrh r4, [" at "]"
#define STRH(at) "strh r4, [" at "]"
#define LDR(at) "ldr r4, [" at "]"
#define STR(at) "str r4, [" at "]"
#define LDRD(at) "ldrd r4, r5, [" at "]"
#define STRD(at) "strd r4, r5, [" at "]"
#define LDM2(at) "ldm " at ", {r4, r5}"
#define STM2(at) "stm " at ", {r4, r5}"
#define LDM4(at) "ldm " at ", {r4-r6, r8}"
#define STM4(at) "stm " at ", {r4-r6, r8}"
#define LDM6(at) "ldm " at ", {r4-r6, r8-r10}"
#define STM6(at) "stm " at ", {r4-r6, r8-r10}"
#define VLDRS(at) "vldr s0, [" at "]"
#define VSTRS(at) "vstr s0, [" at "]"
#define VLDRD(at) "vldr d0, [" at "]"
#define VSTRD(at) "vstr d0, [" at "]"
#define VLDM(at) "vldm " at ", {d0-d3}"
#define VSTM(at) "vstm " at ", {d0-d3}"
#define VLD1_1(at) "vld1.8 {d0}, [" at "]"
#define VST1_1(at) "vst1.8 {d0}, [" at "]"
#define VLD1_2(at) "vld1.8 {d0, d1}, [" at "]"
#define VST1_2(at) "vst1.8 {d0, d1}, [" at "]"
#define VLD1_4(at) "vld1.32 {d0-d3}, [" at "]"
#define VST1_4(at) "vst1.32 {d0-d3}, [" at "]"
#define VLD3(at) "vld3.8 {d0-d2}, [" at "]"
#define VST3(at) "vst3.8 {d0-d2}, [" at "]"
#define VLD4(at) "vld4.16 {d0-d3}, [" at "]"
#define VST4(at) "vst4.16 {d0-d3}, [" at "]"

TRANSFER(byte, LDRB, STRB, "r4")
TRANSFER(half, LDRH, STRH, "r4")
TRANSFER(word, LDR, STR, "r4")
TRANSFER(pair, LDRD, STRD, "r4", "r5")
TRANSFER(ldm2, LDM2, STM2, "r4", "r5")
TRANSFER(ldm4, LDM4, STM4, "r4", "r5", "r6", "r8")
TRANSFER(ldm6, LDM6, STM6, "r4", "r5", "r6", "r8", "r9", "r10")
TRANSFER(single, VLDRS, VSTRS, "d0")
TRANSFER(double, VLDRD, VSTRD, "d0")
TRANSFER(vldm, VLDM, VSTM, "d0", "d1", "d2", "d3")
TRANSFER(neon8, VLD1_1, VST1_1, "d0")
TRANSFER(neon16, VLD1_2, VST1_2, "d0", "d1")
TRANSFER(neon32, VLD1_4, VST1_4, "d0", "d1", "d2", "d3")
TRANSFER(vld3, VLD3, VST3, "d0", "d1", "d2")
TRANSFER(vld4, VLD4, VST4, "d0", "d1", "d2", "d3")

static void copy37(void *to, const void *from) { memcpy(to, from, 37); }
static void copy64(void *to, const void *from) { memmove(to, from, 64); }

static const Transfer transfers[] = {
  {"strb", 1, 1, move_byte},
  {"strh", 2, 1, move_half},
  {"str", 4, 1, move_word},
  {"aligned str", 4, 4, move_word},
  {"strd", 8, 4, move_pair},
  {"stm of 2", 8, 4, move_ldm2},
  {"stm of 4", 16, 4, move_ldm4},
  {"stm of 6", 24, 4, move_ldm6},
  {"vstr s", 4, 4, move_single},
  {"vstr d", 8, 4, move_double},
  {"vstm", 32, 4, move_vldm},
  {"vst1.8 of 8", 8, 1, move_neon8},
  {"vst1.8 of 16", 16, 1, move_neon16},
  {"vst1.32 of 32", 32, 4, move_neon32},
  {"vst3.8", 24, 1, move_vld3},
  {"vst4.16", 32, 2, move_vld4},
  {"memcpy of 37", 37, 1, copy37},
  {"memmove of 64", 64, 1, copy64},
};
enum { TRANSFERS = sizeof transfers / sizeof transfers[0] };

#endif
