/* malloc, calloc, realloc, free and aligned_alloc under a random load; contents checked at each step. */
#include <malloc.h>
#include "guest.h"

enum { SLOTS = 256, STEPS = 20000 };

typedef struct {
  unsigned char *bytes;
  size_t size;
  unsigned char fill;
} Slot;

static Slot slots[SLOTS];

static size_t draw_size(Random *random) {
  switch (random_below(random, 10)) {
    case 0: return random_below(random, 40000);
    case 1: return random_below(random, 4000);
    case 2: return random_below(random, 100) == 0 ? 300000 : 17;
    default: return random_below(random, 200);
  }
}

static void verify(const Slot *slot) {
  for (size_t i = 0; i < slot->size; i += 1 + i / 16) CHECK(slot->bytes[i] == slot->fill);
  if (slot->size) CHECK(slot->bytes[slot->size - 1] == slot->fill);
}

int main(void) {
  Random random = {12345};
  uint32_t sum = CHECKSUM_START;
  size_t live = 0, most = 0;
  for (int step = 0; step < STEPS; step++) {
    Slot *slot = &slots[random_below(&random, SLOTS)];
    const size_t size = draw_size(&random);
    verify(slot);
    live -= slot->size;
    if (slot->bytes && random_below(&random, 3) == 0) {
      unsigned char *grown = realloc(slot->bytes, size + 1);
      CHECK(grown);
      const size_t kept = size < slot->size ? size : slot->size;
      for (size_t i = 0; i < kept; i += 7) CHECK(grown[i] == slot->fill);
      slot->bytes = grown;
    } else {
      free(slot->bytes);
      if (random_below(&random, 4) == 0) {
        slot->bytes = calloc(size + 1, 1);
        for (size_t i = 0; i < size; i += 5) CHECK(slot->bytes[i] == 0);
      } else if (random_below(&random, 8) == 0) {
        const size_t alignment = 16u << random_below(&random, 8);
        slot->bytes = aligned_alloc(alignment, (size + alignment) & ~(alignment - 1));
        CHECK(((uintptr_t)slot->bytes & (alignment - 1)) == 0);
      } else {
        slot->bytes = malloc(size + 1);
      }
      CHECK(slot->bytes);
      CHECK(((uintptr_t)slot->bytes & 7) == 0);
    }
    slot->size = size;
    slot->fill = (unsigned char)random_next(&random);
    memset(slot->bytes, slot->fill, size);
    live += size;
    if (live > most) most = live;
    sum = checksum(sum, &slot->size, sizeof slot->size);
    sum = checksum(sum, &slot->fill, 1);
  }
  for (int i = 0; i < SLOTS; i++) {
    verify(&slots[i]);
    sum = checksum(sum, slots[i].bytes, slots[i].size);
    free(slots[i].bytes);
  }
  CHECK(malloc_usable_size(NULL) == 0);
  printf("heap: most %zu bytes live, checksum %08x\n", most, sum);
  return 0;
}
