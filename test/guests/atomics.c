/* C11 atomics of 1, 2, 4 and 8 bytes from eight threads: add, exchange, and/or/xor, compare-and-swap loops. */
#include <stdatomic.h>
#include "threads.h"

enum { TEAM = 8, ROUNDS = 1500 };
static _Atomic uint8_t a1;
static _Atomic uint16_t a2;
static _Atomic uint32_t a4;
static _Atomic uint64_t a8;
static _Alignas(64) _Atomic uint8_t neighbours[16];
static _Atomic uint64_t product = 1, tokens;
static _Atomic uint32_t bits, most, flips;
static _Atomic(uintptr_t) exchanged;
static atomic_flag flag = ATOMIC_FLAG_INIT;
static long guarded;

static void *work(void *argument) {
  const uint32_t self = (uint32_t)(intptr_t)argument;
  uintptr_t held = self + 1;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    atomic_fetch_add(&a1, 3);
    atomic_fetch_sub(&a2, 5);
    atomic_fetch_add(&a4, 70001);
    atomic_fetch_add(&a8, 0x100000001ull);
    atomic_fetch_add_explicit(&neighbours[self], 1, memory_order_relaxed);
    atomic_fetch_xor(&flips, 1u << (self + i) % 32);
    if (i % 8 == 0) {
      uint64_t old = atomic_load(&product);
      while (!atomic_compare_exchange_weak(&product, &old, old * 6364136223846793005u)) {}
      uint32_t seen = atomic_load(&most);
      while (seen < i * TEAM + self && !atomic_compare_exchange_strong(&most, &seen, i * TEAM + self)) {}
      held = atomic_exchange(&exchanged, held);
      while (atomic_flag_test_and_set_explicit(&flag, memory_order_acquire)) sched_yield();
      guarded++;
      atomic_flag_clear_explicit(&flag, memory_order_release);
    }
  }
  atomic_fetch_or(&bits, 1u << self);
  atomic_fetch_add(&tokens, held);
  return NULL;
}

int main(void) {
  run_team(TEAM, work);
  printf("%u %u %u %llu\n", a1, a2, a4, (unsigned long long)a8);
  for (int i = 0; i < TEAM; i++) printf("%u ", neighbours[i]);
  printf("\nproduct %llu most %u bits %x flips %08x\n", (unsigned long long)product, most, bits, flips);
  printf("tokens %llu guarded %ld\n", (unsigned long long)(tokens + exchanged), guarded);
  return 0;
}
