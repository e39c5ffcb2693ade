/* What the programs about the floating-point environment share: the modes, the flags in letters, numbers at the edges.
 */
#ifndef FLOAT_ENVIRONMENT_H
#define FLOAT_ENVIRONMENT_H

#include <fenv.h>
#include <float.h>
#include <math.h>
#include "guest.h"

static const struct {
  const char *name;
  int mode;
} modes[] = {{"nearest", FE_TONEAREST}, {"up", FE_UPWARD}, {"down", FE_DOWNWARD}, {"zero", FE_TOWARDZERO}};
enum { MODES = sizeof modes / sizeof *modes };

/* FPSCR (DDI 0406C B4.1.58): flush-to-zero, default NaN, and the cumulative exception bits, of which fenv.h has no name
   for the last, input denormal. */
#define FPSCR_FZ (1u << 24)
#define FPSCR_DN (1u << 25)
#define FPSCR_FLAGS 0x9fu

static inline uint32_t fpscr_get(void) {
  uint32_t value;
  __asm__ volatile("vmrs %0, fpscr" : "=r"(value) : : "memory");
  return value;
}

static inline void fpscr_set(uint32_t value) { __asm__ volatile("vmsr fpscr, %0" : : "r"(value) : "memory", "cc"); }

static inline void flags_clear(void) { fpscr_set(fpscr_get() & ~FPSCR_FLAGS); }

/* The exceptions since flags_clear: invalid, division by zero, overflow, underflow, inexact, input denormal. */
static inline const char *flags(void) {
  static const char letters[] = "vzoux--d";
  static char text[4][9];
  static int turn;
  const uint32_t value = fpscr_get();
  char *out = text[turn = (turn + 1) % 4];
  char *const start = out;
  for (int bit = 0; bit < 8; bit++)
    if (value & FPSCR_FLAGS & (1u << bit)) *out++ = letters[bit];
  if (out == start) *out++ = '-';
  *out = 0;
  return start;
}

static inline uint64_t bits_of_double(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline uint32_t bits_of_float(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline double double_of_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline float float_of_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static const uint64_t double_edges[] = {
    0x0000000000000000, 0x8000000000000000, 0x0000000000000001, 0x800000000000000f, 0x000fffffffffffff,
    0x0010000000000000, 0x8010000000000001, 0x0020000000000000, 0x3ff0000000000000, 0xbff0000000000000,
    0x3ff0000000000001, 0x3fefffffffffffff, 0x4000000000000000, 0x4008000000000000, 0xc01c000000000000,
    0x3fb999999999999a, 0x3fd5555555555555, 0xbca0000000000000, 0x1ff123456789abcd, 0x2000000000000001,
    0x5fefedcba9876543, 0x7fdfffffffffffff, 0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000,
    0xfff0000000000000, 0x7ff8000000000000, 0xfff8000000001234, 0x7ff0000000000001, 0xfff4000000abcdef,
};
static const uint32_t float_edges[] = {
    0x00000000, 0x80000000, 0x00000001, 0x8000000f, 0x007fffff, 0x00800000, 0x80800001, 0x01000000,
    0x3f800000, 0xbf800000, 0x3f800001, 0x3f7fffff, 0x40000000, 0x40400000, 0xc0e00000, 0x3dcccccd,
    0x3eaaaaab, 0xb3000000, 0x1f91a2b3, 0x20000001, 0x5f7edcba, 0x7effffff, 0x7f7fffff, 0xff7fffff,
    0x7f800000, 0xff800000, 0x7fc00000, 0xffc01234, 0x7f800001, 0xffa12345,
};
enum {
  DOUBLE_EDGES = sizeof double_edges / sizeof *double_edges,
  FLOAT_EDGES = sizeof float_edges / sizeof *float_edges
};

#endif
