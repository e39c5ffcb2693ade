/*
 * Phases by turns on one page: each thread changes a section of its own (false sharing), then all change the same words
 * (true sharing), then one thread changes everything. With accesses that lie on two granules in all of them: LDM and
 * STM, doublewords, unaligned words. No store may be lost, whatever the page is divided into meanwhile.
 */
#include "threads.h"

enum { TEAM = 6, ROUNDS = 6, TURNS = 2000, PAGE = 4096, SECTION = 128, GRANULE = 64, SHARED = TEAM * SECTION };
static _Alignas(PAGE) unsigned char page[PAGE];
static pthread_barrier_t barrier __attribute__((aligned(PAGE)));
static pthread_mutex_t lock __attribute__((aligned(PAGE)));

/* Adds to four words, loaded and stored at once. */
static void add_to_four(void *words, uint32_t value) {
  __asm__ volatile(
      "ldmia %0, {r4-r7}\n add r4, r4, %1\n add r5, r5, %1\n add r6, r6, %1\n add r7, r7, %1\n stmia %0, {r4-r7}" ::"r"(words), "r"(value)
      : "r4", "r5", "r6", "r7", "memory");
}

static void add_unaligned(unsigned char *at, uint32_t value) {
  uint32_t word;
  __asm__ volatile("ldr %0, [%1]\n add %0, %0, %2\n str %0, [%1]" : "=&r"(word) : "r"(at), "r"(value) : "memory");
}

/* Changes what lies at and on both sides of a granule's end, 32 bytes in all. */
static void change(unsigned char *end, uint32_t value) {
  add_to_four(end - 8, value);
  add_unaligned(end + 13, value);
  *(volatile uint64_t *)(end - 16) += (uint64_t)value << 31;
}

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  unsigned char *own = page + self * SECTION;
  for (int round = 0; round < ROUNDS; round++) {
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < TURNS; i++) {
      change(own + GRANULE, (uint32_t)(i + self));
      own[i % 32]++;
    }
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < TURNS / 20; i++) {
      __atomic_fetch_add((uint32_t *)(page + SHARED), 3, __ATOMIC_RELAXED);
      __atomic_fetch_add((uint64_t *)(page + SHARED + GRANULE), 0x100000001, __ATOMIC_SEQ_CST);
      pthread_mutex_lock(&lock);
      change(page + SHARED + 3 * GRANULE, (uint32_t)i);
      pthread_mutex_unlock(&lock);
    }
    pthread_barrier_wait(&barrier);
    if (self == round % TEAM)
      for (int at = GRANULE; at < PAGE; at += GRANULE) add_unaligned(page + at - 1, (uint32_t)at);
  }
  return NULL;
}

int main(void) {
  CHECK(pthread_barrier_init(&barrier, NULL, TEAM) == 0);
  CHECK(pthread_mutex_init(&lock, NULL) == 0);
  run_team(TEAM, work);
  for (int section = 0; section < PAGE / SECTION; section++) {
    uint32_t sum = 0;
    for (int i = 0; i < SECTION; i++) sum = sum * 31 + page[section * SECTION + i];
    printf("%2d %08x\n", section, sum);
  }
  return 0;
}
