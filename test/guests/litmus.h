/*
 * What the litmus tests share. Each iteration has a 64-byte granule of its own for each variable. Neighbouring
 * iterations lie on different pages, so that between nodes they move one by one and not 64 at once. The threads meet
 * once for a batch of iterations, not for each one: over a network a meeting costs milliseconds. Inside a batch they
 * run free, with short random delays so that they overtake one another.
 */
#ifndef LITMUS_H
#define LITMUS_H

#include <sched.h>
#include "threads.h"

enum { GRANULE = 64, PER_PAGE = 4096 / GRANULE, BATCH = 100 };

typedef struct {
  _Alignas(GRANULE) volatile uint32_t value;
} Slot;

static int iterations, litmus_threads, litmus_pages;
static pthread_barrier_t litmus_barrier;
static _Alignas(GRANULE) uint32_t litmus_arrived;

/* Memory for one variable in all iterations: whole pages that read as zero. */
static inline Slot *litmus_slots(void) {
  void *slots = NULL;
  CHECK(posix_memalign(&slots, 4096, (size_t)litmus_pages * 4096) == 0);
  memset(slots, 0, (size_t)litmus_pages * 4096);
  return slots;
}

/* The variable's slot in iteration `i`. */
static inline volatile uint32_t *litmus_at(Slot *slots, int i) { return &slots[i % litmus_pages * PER_PAGE + i / litmus_pages].value; }

static inline void litmus_start(int argc, char **argv, int threads) {
  iterations = argc > 1 ? atoi(argv[1]) : 10000;
  CHECK(iterations >= BATCH && iterations % BATCH == 0);
  litmus_pages = (iterations + PER_PAGE - 1) / PER_PAGE;
  litmus_threads = threads;
  CHECK(pthread_barrier_init(&litmus_barrier, NULL, (unsigned)threads) == 0);
}

/* All threads leave at nearly one time: first a barrier, which may wake them one by one, then a spin. */
static inline void litmus_meet(int batch) {
  pthread_barrier_wait(&litmus_barrier);
  __atomic_add_fetch(&litmus_arrived, 1, __ATOMIC_SEQ_CST);
  while (__atomic_load_n(&litmus_arrived, __ATOMIC_SEQ_CST) < (uint32_t)(litmus_threads * (batch + 1))) sched_yield();
}

static inline void litmus_delay(Random *random) {
  for (volatile uint32_t turns = random_below(random, 64); turns > 0; turns--) {}
}

#define DMB() __asm__ volatile("dmb ish" ::: "memory")

/* Runs `statement` for each iteration i, a meeting before each batch and a delay before each iteration. */
#define LITMUS_LOOP(seed, statement)                                  \
  do {                                                                \
    Random random = {(uint32_t)(seed) * 2654435761u + 12345};         \
    for (int batch = 0; batch < iterations / BATCH; batch++) {        \
      litmus_meet(batch);                                             \
      for (int i = batch * BATCH; i < (batch + 1) * BATCH; i++) {     \
        litmus_delay(&random);                                        \
        statement                                                     \
      }                                                               \
    }                                                                 \
  } while (0)

#endif
