/* Message passing: with barriers on both sides, a reader that sees the flag sees the data. */
#include "litmus.h"

static Slot *data, *flag;
static uint8_t *outcome;

static void *work(void *argument) {
  if (argument == NULL) {
    LITMUS_LOOP(1, {
      *litmus_at(data, i) = (uint32_t)i + 1;
      DMB();
      *litmus_at(flag, i) = 1;
    });
  } else {
    LITMUS_LOOP(2, {
      const uint32_t f = *litmus_at(flag, i);
      DMB();
      const uint32_t d = *litmus_at(data, i);
      CHECK(d == 0 || d == (uint32_t)i + 1);
      outcome[i] = (uint8_t)(f * 2 + (d != 0));
    });
  }
  return NULL;
}

int main(int argc, char **argv) {
  litmus_start(argc, argv, 2);
  data = litmus_slots();
  flag = litmus_slots();
  outcome = calloc(1, (size_t)iterations);
  run_team(2, work);
  int counts[4] = {0};
  for (int i = 0; i < iterations; i++) counts[outcome[i]]++;
  printf("mp: nothing %d, data only %d, flag without data %d, both %d\n", counts[0], counts[1], counts[2], counts[3]);
  return counts[2] != 0;
}
