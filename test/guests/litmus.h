/* What the litmus programs share: a team of threads that stays the same over all tests, meetings and delays. */
#ifndef LITMUS_H
#define LITMUS_H

#include <sched.h>
#include "threads.h"

enum { TEAM = 4, GRANULE = 64, PAGE = 4096 };

/* All threads are on one node, so that a meeting is cheap and a block never under way. */
static int within;
static int iterations;
static pthread_barrier_t litmus_barrier;

static inline void litmus_start(int argc, char **argv) {
  within = argc > 1 && strcmp(argv[1], "within") == 0;
  iterations = argc > 2 ? atoi(argv[2]) : 1000;
  CHECK(iterations > 0);
  CHECK(pthread_barrier_init(&litmus_barrier, NULL, TEAM) == 0);
}

/* The test's name was given on the command line, or none was. */
static inline int litmus_chosen(int argc, char **argv, const char *name) {
  for (int i = 3; i < argc; i++)
    if (strcmp(argv[i], name) == 0) return 1;
  return argc <= 3;
}

/* The whole team waits here: its members may be woken one by one. */
static inline void litmus_gather(void) { pthread_barrier_wait(&litmus_barrier); }

/* `threads` threads leave at nearly one time, for the `turn`th time (from 1): they spin, unless it takes long. */
static inline void litmus_meet(uint32_t *arrived, uint32_t threads, uint32_t turn) {
  __atomic_add_fetch(arrived, 1, __ATOMIC_SEQ_CST);
  for (uint32_t spins = 1; __atomic_load_n(arrived, __ATOMIC_SEQ_CST) < threads * turn; spins++)
    if (spins % 256 == 0) sched_yield();
}

static inline void litmus_delay_below(Random *random, uint32_t most) {
  for (volatile uint32_t turns = random_below(random, most); turns > 0; turns--) {}
}

/* From an access up to as long as a block is under way, so that the threads overtake one another everywhere. */
static inline void litmus_delay(Random *random) {
  static const uint32_t delays[] = {4, 64, 64, 1000, 20000};
  litmus_delay_below(random, delays[random_below(random, within ? 3 : sizeof delays / sizeof delays[0])]);
}

static inline void dmb(void) { __asm__ volatile("dmb ish" ::: "memory"); }

#endif
