/* Counters by exclusive loads and stores of 1, 2, 4 and 8 bytes in one granule: no increment is lost, none comes twice. */
#include "litmus.h"

enum { TEAM = 4 };
static struct {
  _Alignas(GRANULE) uint8_t byte;
  uint16_t half;
  uint32_t word;
  uint64_t wide;
} counters;
static volatile uint32_t plain[TEAM];

static void add_byte(volatile uint8_t *at) {
  uint32_t value, failed;
  do __asm__ volatile("ldrexb %0, [%2]\n add %0, %0, #1\n strexb %1, %0, [%2]" : "=&r"(value), "=&r"(failed) : "r"(at) : "memory");
  while (failed);
}
static void add_half(volatile uint16_t *at) {
  uint32_t value, failed;
  do __asm__ volatile("ldrexh %0, [%2]\n add %0, %0, #1\n strexh %1, %0, [%2]" : "=&r"(value), "=&r"(failed) : "r"(at) : "memory");
  while (failed);
}
static void add_word(volatile uint32_t *at) {
  uint32_t value, failed;
  do __asm__ volatile("ldrex %0, [%2]\n add %0, %0, #1\n strex %1, %0, [%2]" : "=&r"(value), "=&r"(failed) : "r"(at) : "memory");
  while (failed);
}
static void add_wide(volatile uint64_t *at) {
  uint64_t value;
  uint32_t failed;
  do __asm__ volatile("ldrexd %0, %H0, [%2]\n adds %Q0, %Q0, #1\n adc %R0, %R0, #3\n strexd %1, %0, %H0, [%2]" : "=&r"(value), "=&r"(failed) : "r"(at) : "memory", "cc");
  while (failed);
}

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  for (int i = 0; i < iterations / TEAM; i++) {
    if (i % BATCH == 0) litmus_meet(i / BATCH);
    add_word(&counters.word);
    if (i % 4 == 0) add_byte(&counters.byte), add_half(&counters.half), add_wide(&counters.wide);
    plain[self]++;
  }
  return NULL;
}

int main(int argc, char **argv) {
  litmus_start(argc, argv, TEAM);
  run_team(TEAM, work);
  const uint32_t some = (uint32_t)((iterations / TEAM + 3) / 4 * TEAM);
  printf("exclusive: byte %u half %u word %u wide %llx plain %u\n", counters.byte, counters.half, counters.word, (unsigned long long)counters.wide, plain[0] + plain[1] + plain[2] + plain[3]);
  return counters.word != (uint32_t)iterations / TEAM * TEAM || counters.byte != (uint8_t)some || counters.half != (uint16_t)some ||
         counters.wide != some + ((uint64_t)some * 3 << 32);
}
