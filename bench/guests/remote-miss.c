/*
 * What a miss costs when the block is on the other node. The first thread is on the master, the second on another node;
 * they take turns. Reads: one thread has written every page, the other loads one word of each, in random order. Writes:
 * a thread stores into each page that the other one owns, so that ownership goes back and forth. Each access is timed
 * alone; what the clock itself costs is taken off. A third of the rounds goes before, to warm up: the
 * agents' own code takes 5,000 misses or so until all of it is compiled.
 */
#include "cluster.h"

enum { PAGES = 256, ROUNDS_MOST = 4000 };
/* Each thread has pages of its own for what it notes, so that noting misses nothing. */
static struct {
  uint32_t samples[ROUNDS_MOST * PAGES] PAGED;
  uint16_t order[PAGES];
} own[2];
static struct {
  uint8_t pages[PAGES][PAGE] PAGED;
  pthread_barrier_t turn PAGED;
  uint32_t rounds PAGED;
} shared;

static void shuffle(uint16_t *order, uint32_t *state) {
  for (uint32_t i = 0; i < PAGES; i++) order[i] = (uint16_t)i;
  for (uint32_t i = PAGES - 1; i > 0; i--) {
    *state = *state * 1664525u + 1013904223u;
    const uint32_t k = (uint32_t)(((uint64_t)*state * (i + 1)) >> 32);
    const uint16_t kept = order[i];
    order[i] = order[k];
    order[k] = kept;
  }
}

static volatile uint32_t *word_of(uint32_t page) {
  return (volatile uint32_t *)(shared.pages[page] + 64 * (page & 63));
}

static void write_all(uint32_t value) {
  for (uint32_t i = 0; i < PAGES; i++) *word_of(i) = value * PAGES + i;
}

static uint32_t read_each(int who, uint32_t *noted) {
  uint32_t sum = 0;
  for (int i = 0; i < PAGES; i++) {
    const uint16_t page = own[who].order[i];
    const int64_t start = now();
    const uint32_t value = *word_of(page);
    noted[i] = (uint32_t)(now() - start);
    sum = sum * 31 + value;
  }
  return sum;
}

static uint32_t write_each(int who, uint32_t *noted, uint32_t value) {
  uint32_t sum = 0;
  for (int i = 0; i < PAGES; i++) {
    const uint16_t page = own[who].order[i];
    const int64_t start = now();
    *word_of(page) = value + page;
    noted[i] = (uint32_t)(now() - start);
  }
  for (uint32_t i = 0; i < PAGES; i++) sum = sum * 31 + *word_of(i);
  return sum;
}

/* Who is 1 reads, then both write by turns; who is 0 prepares the reads. */
static void *run(void *argument) {
  const int who = (int)(intptr_t)argument;
  uint32_t state = 12345u + (uint32_t)who, sum = 0;
  const uint32_t cost = clock_cost();
  for (uint32_t round = 0; round < shared.rounds; round++) {
    shuffle(own[who].order, &state);
    if (who == 0) write_all(round);
    pthread_barrier_wait(&shared.turn);
    if (who == 1) sum = sum * 31 + read_each(who, own[who].samples + round * PAGES);
    pthread_barrier_wait(&shared.turn);
  }
  if (who == 1) tell_percentiles("read-miss", own[who].samples, shared.rounds * PAGES, cost, sum);
  for (uint32_t round = 0; round < shared.rounds; round++) {
    shuffle(own[who].order, &state);
    pthread_barrier_wait(&shared.turn);
    if (who == 0) write_each(who, own[who].samples + round * PAGES, round);
    pthread_barrier_wait(&shared.turn);
    if (who == 1) sum = sum * 31 + write_each(who, own[who].samples + round * PAGES, ~round);
  }
  pthread_barrier_wait(&shared.turn);
  if (who == 1) tell_percentiles("write-miss", own[who].samples, shared.rounds * PAGES, cost, sum);
  return NULL;
}

int main(int argc, char **argv) {
  shared.rounds = (uint32_t)argument(argc, argv, 1, 40, 10, ROUNDS_MOST);
  pthread_barrier_init(&shared.turn, NULL, 2);
  run_team(2, run);
  return 0;
}
