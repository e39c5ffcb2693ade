/* What the guest programs share: a seeded generator, a checksum, and a check that names itself when it fails. */
#ifndef GUEST_H
#define GUEST_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  uint32_t state;
} Random;

/* xorshift32; the seed must not be 0. */
static inline uint32_t random_next(Random *random) {
  uint32_t x = random->state;
  x ^= x << 13;
  x ^= x >> 17;
  x ^= x << 5;
  return random->state = x;
}

static inline uint32_t random_below(Random *random, uint32_t limit) {
  return (uint32_t)(((uint64_t)random_next(random) * limit) >> 32);
}

#define CHECKSUM_START 2166136261u

/* FNV-1a over `size` bytes. */
static inline uint32_t checksum(uint32_t sum, const void *data, size_t size) {
  const unsigned char *bytes = data;
  for (size_t i = 0; i < size; i++) sum = (sum ^ bytes[i]) * 16777619u;
  return sum;
}

#define CHECK(condition)                                              \
  do {                                                                \
    if (!(condition)) {                                               \
      printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      fflush(stdout);                                                 \
      exit(99);                                                       \
    }                                                                 \
  } while (0)

#endif
