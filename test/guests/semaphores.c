/* Semaphores: a bounded room, hand-over in order, sem_trywait, sem_getvalue. */
#include <errno.h>
#include <semaphore.h>
#include "threads.h"

enum { TEAM = 8, ROOM = 3 };
static sem_t room, steps[TEAM];
static int inside, most, visits, chain;

static void *visitor(void *argument) {
  (void)argument;
  for (int i = 0; i < 200; i++) {
    sem_wait(&room);
    const int now = __atomic_add_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    CHECK(now <= ROOM);
    for (int seen = __atomic_load_n(&most, __ATOMIC_RELAXED); now > seen;)
      if (__atomic_compare_exchange_n(&most, &seen, now, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) break;
    __atomic_add_fetch(&visits, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&inside, 1, __ATOMIC_SEQ_CST);
    sem_post(&room);
  }
  return NULL;
}

static void *link_step(void *argument) {
  const int self = (int)(intptr_t)argument;
  for (int i = 0; i < 50; i++) {
    sem_wait(&steps[self]);
    chain = chain * 5 + self;
    sem_post(&steps[(self + 1) % TEAM]);
  }
  return NULL;
}

int main(void) {
  sem_init(&room, 0, ROOM);
  run_team(TEAM, visitor);
  int value;
  sem_getvalue(&room, &value);
  printf("visits %d inside %d never too many %d value %d\n", visits, inside, most <= ROOM, value);
  for (int i = 0; i < TEAM; i++) sem_init(&steps[i], 0, i == 0);
  run_team(TEAM, link_step);
  printf("chain %d\n", chain);
  sem_t empty;
  sem_init(&empty, 0, 0);
  const int got = sem_trywait(&empty);
  printf("trywait %d %d\n", got, errno == EAGAIN);
  return 0;
}
