/* Structures by value, bit-fields, unions, alignment, homogeneous float aggregates, function pointers. */
#include <complex.h>
#include <stddef.h>
#include "guest.h"

typedef struct { unsigned a : 3; signed b : 5; unsigned c : 11; unsigned long long d : 37; signed e : 1; } Bits;
typedef struct { char c; short s; int i; long long l; double d; } Padded;
typedef struct __attribute__((packed)) { char c; int i; long long l; float f; double d; } Packed;
typedef struct { float x, y, z; } Vector;
typedef struct { double m[4]; } Quad;
typedef struct { int values[12]; } Large;
typedef union { float f; uint32_t u; unsigned char bytes[4]; } Overlay;

#define OUTLINE __attribute__((noinline))
OUTLINE static Vector cross(Vector a, Vector b) { return (Vector){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
OUTLINE static Quad scale(Quad q, double by, int index) { q.m[index] *= by; return q; }
OUTLINE static Large shift(int a, Large large, short b, Large other) {
  for (int i = 0; i < 12; i++) large.values[i] = large.values[i] * a + other.values[11 - i] - b;
  return large;
}
OUTLINE static Bits twist(Bits bits, int by) {
  bits.a += (unsigned)by;
  bits.b -= by;
  bits.c ^= (unsigned)by;
  bits.d = bits.d * 3 + (unsigned)by;
  bits.e = ~bits.e;
  return bits;
}
OUTLINE static long long mixed(char a, double b, long long c, float d, short e, double f, int g, long long h, float i) {
  return (long long)(a + b * 2) + c * 3 + (long long)(d * 4) + e * 5 + (long long)(f * 6) + g * 7 + h * 8 + (long long)(i * 9);
}
OUTLINE static float many(float a, float b, float c, float d, double e, float f, float g, double h, float i, float j, double k, float l, float m, float n, float o, float p,
                          float q, float r, float s) {
  return a - b * c + d / (float)e + f * g - (float)h + i * j - (float)k + l - m + n - o + p - q + r * s;
}

int main(void) {
  Bits bits = {5, -3, 1000, 0x1234567890, -1};
  for (int i = 0; i < 10; i++) {
    bits = twist(bits, i * 7);
    printf("%u %d %u %llu %d\n", bits.a, bits.b, bits.c, (unsigned long long)bits.d, bits.e);
  }
  printf("%zu %zu %zu %zu %zu\n", sizeof(Bits), sizeof(Padded), sizeof(Packed), offsetof(Padded, l), offsetof(Packed, d));
  Packed packed = {'p', -123456, 1LL << 50, 1.5f, -2.25};
  volatile Packed *far = &packed;
  far->i += 7;
  far->l *= 3;
  far->d -= far->f;
  printf("%c %d %lld %g %g\n", far->c, far->i, (long long)far->l, (double)far->f, far->d);
  Vector v = {1, 2, 3}, w = {-4, 0.5f, 2};
  for (int i = 0; i < 4; i++) v = cross(v, w);
  printf("%a %a %a\n", (double)v.x, (double)v.y, (double)v.z);
  Quad q = scale(scale((Quad){{1, 2, 3, 4}}, 0.1, 2), -5, 0);
  printf("%a %a %a %a\n", q.m[0], q.m[1], q.m[2], q.m[3]);
  Large a, b;
  for (int i = 0; i < 12; i++) a.values[i] = i * i, b.values[i] = 100 - i;
  a = shift(3, a, -2, b);
  printf("%08x\n", checksum(CHECKSUM_START, &a, sizeof a));
  printf("%lld\n", mixed(-1, 2.5, 1LL << 40, 4.25f, -5, 6.75, 7, -(1LL << 35), 9.5f));
  printf("%a\n", (double)many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
  Overlay overlay = {.f = -1.75f};
  printf("%08x %02x\n", overlay.u, overlay.bytes[3]);
  const double complex c = (1 + 2 * I) * (3 - I);
  printf("%g %g\n", creal(c), cimag(c));
  return 0;
}
