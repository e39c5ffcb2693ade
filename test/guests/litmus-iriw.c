/* Independent reads of independent writes: with barriers, two readers agree on the order of two writes. */
#include "litmus.h"

static Slot *x, *y;
static uint8_t *readers[2];

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  switch (self) {
    case 0: LITMUS_LOOP(1, *litmus_at(x, i) = 1;); break;
    case 1: LITMUS_LOOP(2, *litmus_at(y, i) = 1;); break;
    default: {
      Slot *const one = self == 2 ? x : y, *const two = self == 2 ? y : x;
      uint8_t *const seen = readers[self - 2];
      LITMUS_LOOP(self, {
        const uint32_t a = *litmus_at(one, i);
        DMB();
        const uint32_t b = *litmus_at(two, i);
        seen[i] = (uint8_t)(a * 2 + b);
      });
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  litmus_start(argc, argv, 4);
  x = litmus_slots();
  y = litmus_slots();
  for (int r = 0; r < 2; r++) CHECK(posix_memalign((void **)&readers[r], 4096, (size_t)iterations) == 0);
  run_team(4, work);
  int disagree = 0, ordered = 0;
  for (int i = 0; i < iterations; i++) {
    disagree += readers[0][i] == 2 && readers[1][i] == 2;
    ordered += readers[0][i] == 2 || readers[1][i] == 2;
  }
  printf("iriw: %d iterations, one reader saw an order %d, the readers disagree %d\n", iterations, ordered, disagree);
  return disagree != 0;
}
