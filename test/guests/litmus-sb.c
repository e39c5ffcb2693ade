/* Store buffering: with a barrier between store and load, at least one thread sees the other's store. */
#include "litmus.h"

static Slot *x, *y;
static uint8_t *first, *second;

static void *work(void *argument) {
  if (argument == NULL) {
    LITMUS_LOOP(1, {
      *litmus_at(x, i) = 1;
      DMB();
      first[i] = (uint8_t)*litmus_at(y, i);
    });
  } else {
    LITMUS_LOOP(2, {
      *litmus_at(y, i) = 1;
      DMB();
      second[i] = (uint8_t)*litmus_at(x, i);
    });
  }
  return NULL;
}

int main(int argc, char **argv) {
  litmus_start(argc, argv, 2);
  x = litmus_slots();
  y = litmus_slots();
  first = calloc(1, (size_t)iterations);
  CHECK(posix_memalign((void **)&second, 4096, (size_t)iterations) == 0);
  run_team(2, work);
  int counts[4] = {0};
  for (int i = 0; i < iterations; i++) counts[first[i] * 2 + second[i]]++;
  printf("sb: neither %d, second only %d, first only %d, both %d\n", counts[0], counts[1], counts[2], counts[3]);
  return counts[0] != 0;
}
