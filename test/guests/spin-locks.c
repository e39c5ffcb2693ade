/* Spin locks: pthread_spin and a ticket lock made by hand; both yield when they wait long. */
#include <stdatomic.h>
#include "threads.h"

static pthread_spinlock_t spin;
static _Atomic unsigned next_ticket, now_serving;
static long with_spin, with_ticket;

static void *work(void *argument) {
  (void)argument;
  for (int i = 0; i < 300; i++) {
    while (pthread_spin_trylock(&spin) != 0) sched_yield();
    with_spin += i;
    pthread_spin_unlock(&spin);
    if (i % 4 == 0) {
      const unsigned ticket = atomic_fetch_add(&next_ticket, 1);
      while (atomic_load_explicit(&now_serving, memory_order_acquire) != ticket) sched_yield();
      with_ticket += i;
      atomic_store_explicit(&now_serving, ticket + 1, memory_order_release);
    }
  }
  return NULL;
}

int main(void) {
  pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
  run_team(4, work);
  printf("spin %ld ticket %ld\n", with_spin, with_ticket);
  return 0;
}
