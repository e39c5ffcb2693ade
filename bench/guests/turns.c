/*
 * Two threads on two nodes that wait for each other: by a word that both spin on, and by a barrier. The spinning ends
 * after a time, the barrier after a number of rounds.
 */
#include <stdatomic.h>
#include "cluster.h"

enum { ROUNDS_MOST = 1000000, SAMPLES_MOST = 1000000 };
static const uint32_t stop = UINT32_MAX;
static struct {
  _Atomic uint32_t word PAGED;
  pthread_barrier_t turn PAGED;
  uint32_t counts[2] PAGED;
} shared;
static struct {
  uint32_t count PAGED;
} tallies[2];
static int milliseconds, rounds;
/* What thread 0 notes: from one turn to the next, in nanoseconds. */
static uint32_t samples[SAMPLES_MOST] PAGED;

static int64_t note(uint32_t index, int64_t last) {
  const int64_t time = now();
  samples[index] = (uint32_t)(time - last);
  return time;
}

static void await_change(uint32_t from, uint32_t *got) {
  do *got = atomic_load(&shared.word);
  while (*got == from);
}

/* Thread 0 stores odd numbers, thread 1 even ones. */
static void spin(int self) {
  uint32_t value = 0, count = 0;
  int64_t last = now();
  const int64_t end = last + milliseconds * 1000000ll;
  for (;; count++) {
    if (self == 0) {
      if (last > end || count == SAMPLES_MOST) break;
      atomic_store(&shared.word, value + 1);
      await_change(value + 1, &value);
      last = note(count, last);
    } else {
      const uint32_t before = value;
      await_change(before, &value);
      if (value == stop) break;
      atomic_store(&shared.word, ++value);
    }
  }
  if (self == 0) atomic_store(&shared.word, stop);
  shared.counts[self] = count;
  pthread_barrier_wait(&shared.turn);
  if (self != 0) return;
  if (shared.counts[0] != shared.counts[1] || value != 2 * count) {
    fprintf(stderr, "turns: %u and %u turns, the word is %u\n", shared.counts[0], shared.counts[1], value);
    exit(WRONG);
  }
  for (uint32_t i = 0; i < count; i++) samples[i] /= 2;
  tell_percentiles("spin", samples, count, 0, shared.counts[0] - shared.counts[1]);
}

static void barriers(int self) {
  int64_t last = now();
  for (int round = 0; round < rounds; round++) {
    if (self == round % 2) tallies[self].count++;
    pthread_barrier_wait(&shared.turn);
    if (self == 0) last = note((uint32_t)round, last);
  }
  pthread_barrier_wait(&shared.turn);
  if (self != 0) return;
  tell_percentiles("barrier", samples, (uint32_t)rounds, 0, tallies[0].count * 31 + tallies[1].count);
}

static void *run(void *argument) {
  const int self = (int)(intptr_t)argument;
  pthread_barrier_wait(&shared.turn);
  spin(self);
  pthread_barrier_wait(&shared.turn);
  barriers(self);
  return NULL;
}

int main(int argc, char **argv) {
  milliseconds = argument(argc, argv, 1, 500, 10, 100000);
  rounds = argument(argc, argv, 2, 500, 10, ROUNDS_MOST);
  pthread_barrier_init(&shared.turn, NULL, 2);
  run_team(2, run);
  return 0;
}
