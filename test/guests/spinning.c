/* Spin locks and flags without a yield, in more threads than there are processors: who spins must be made to stop. */
#include "threads.h"

enum { TEAM = 6, ROUNDS = 200 };
static int lock_word, turn;
static long inside;

static void lock(void) {
  while (__atomic_exchange_n(&lock_word, 1, __ATOMIC_ACQUIRE) != 0) {}
}
static void unlock(void) { __atomic_store_n(&lock_word, 0, __ATOMIC_RELEASE); }

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  for (int i = 0; i < ROUNDS; i++) {
    lock();
    inside += self + 1;
    unlock();
  }
  /* Each in turn: the others spin on a word that only one thread may change. */
  for (int i = 0; i < 3; i++) {
    while (__atomic_load_n(&turn, __ATOMIC_ACQUIRE) != i * TEAM + self) {}
    __atomic_store_n(&turn, i * TEAM + self + 1, __ATOMIC_RELEASE);
  }
  return NULL;
}

int main(void) {
  run_team(TEAM, work);
  printf("inside %ld turn %d\n", inside, turn);
  return 0;
}
