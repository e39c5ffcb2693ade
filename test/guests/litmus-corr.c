/* Coherence of one location: values that one thread writes in order are never read backwards, with no barrier at all. */
#include "litmus.h"

static Slot *x;
static int backwards;

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  if (self == 0) {
    LITMUS_LOOP(1, {
      *litmus_at(x, i) = 1;
      *litmus_at(x, i) = 2;
      *litmus_at(x, i) = 3;
    });
  } else {
    LITMUS_LOOP(self, {
      const uint32_t a = *litmus_at(x, i);
      const uint32_t b = *litmus_at(x, i);
      const uint32_t c = *litmus_at(x, i);
      if (a > b || b > c) __atomic_add_fetch(&backwards, 1, __ATOMIC_RELAXED);
    });
  }
  return NULL;
}

int main(int argc, char **argv) {
  litmus_start(argc, argv, 3);
  x = litmus_slots();
  run_team(3, work);
  printf("corr: %d iterations, read backwards %d\n", iterations, backwards);
  return backwards != 0;
}
