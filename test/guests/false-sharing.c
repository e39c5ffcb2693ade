/* Adjacent counters, one for each thread, of 1, 2, 4 and 8 bytes, all on one cache line and block: no store may be lost. */
#include "threads.h"

enum { TEAM = 8, ROUNDS = 3000 };
static volatile uint8_t bytes[TEAM];
static volatile uint16_t halves[TEAM];
static volatile uint32_t words[TEAM];
static volatile uint64_t doubles[TEAM];
static volatile struct __attribute__((packed)) { uint8_t pad; uint32_t value; } unaligned[TEAM];

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  for (int i = 0; i < ROUNDS; i++) {
    bytes[self]++;
    halves[self] += 3;
    words[self] += 5;
    doubles[self] += 0x100000003;
    unaligned[self].value += 7;
  }
  return NULL;
}

int main(void) {
  run_team(TEAM, work);
  for (int i = 0; i < TEAM; i++) printf("%u %u %u %llu %u\n", bytes[i], halves[i], words[i], (unsigned long long)doubles[i], unaligned[i].value);
  return 0;
}
