/* A sum over shared data in parts: read by all, results passed back by pthread_join and by memory. */
#include "threads.h"

enum { TEAM = 8, COUNT = 80000 };
static uint32_t values[COUNT];
static double partial[TEAM];

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  uint32_t sum = 0;
  double real = 0;
  for (int i = self * (COUNT / TEAM); i < (self + 1) * (COUNT / TEAM); i++) {
    sum += values[i];
    real += values[i] / 3.0;
    values[i] ^= (uint32_t)self;
  }
  partial[self] = real;
  return (void *)(intptr_t)(sum & 0xffffff);
}

int main(void) {
  Random random = {1234};
  for (int i = 0; i < COUNT; i++) values[i] = random_next(&random);
  const long sum = run_team(TEAM, work);
  double real = 0;
  for (int i = 0; i < TEAM; i++) real += partial[i];
  printf("sum %ld real %a after %08x\n", sum, real, checksum(CHECKSUM_START, values, sizeof values));
  return 0;
}
