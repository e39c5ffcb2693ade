/* Operations of the stress program on memory: strips, records, words under locks, counters. */
#ifndef STRESS_MEMORY_H
#define STRESS_MEMORY_H

#include "stress-state.h"
#include "stress-transfers.h"

/* A strip of the worker's that has room for the transfer; NULL when chance finds none. */
static const Strip *strip_for(Worker *worker, uint32_t size) {
  for (int try = 0; try < 200; try++) {
    const Strip *const strip = &strips[random_below(&worker->random, strip_count)];
    if (strip->owner == worker->self && strip->size >= size + 4) return strip;
  }
  return NULL;
}

static uint32_t place_in(Worker *worker, const Strip *strip, const Transfer *transfer) {
  const uint32_t at = strip->start + random_below(&worker->random, strip->size - transfer->size - 3);
  return (at + transfer->alignment - 1) & -transfer->alignment;
}

static void store_strip(Worker *worker) {
  const Transfer *const transfer = &transfers[random_below(&worker->random, TRANSFERS)];
  const Strip *const strip = strip_for(worker, transfer->size);
  _Alignas(16) uint8_t bytes[TRANSFER_MOST];
  if (!strip) return;
  const uint32_t at = place_in(worker, strip, transfer);
  random_bytes(&worker->random, bytes, transfer->size);
  transfer->move(strip_area + at, bytes);
  memcpy(shadow + at, bytes, transfer->size);
}

static void load_strip(Worker *worker) {
  const Transfer *const transfer = &transfers[random_below(&worker->random, TRANSFERS)];
  const Strip *const strip = strip_for(worker, transfer->size);
  _Alignas(16) uint8_t bytes[TRANSFER_MOST];
  if (!strip) return;
  const uint32_t at = place_in(worker, strip, transfer);
  transfer->move(bytes, strip_area + at);
  compare(transfer->name, strip_area + at, shadow + at, bytes, transfer->size);
}

/* A whole strip into the middle of another one, at any alignment to each other. */
static void copy_strip(Worker *worker) {
  const Strip *const from = strip_for(worker, 8), *const to = strip_for(worker, 8);
  if (!from || !to) return;
  const uint32_t size = 1 + random_below(&worker->random, from->size < to->size ? from->size : to->size);
  const uint32_t source = from->start + random_below(&worker->random, from->size - size + 1);
  const uint32_t target = to->start + random_below(&worker->random, to->size - size + 1);
  memmove(strip_area + target, strip_area + source, size);
  memmove(shadow + target, shadow + source, size);
  compare("copied strip", strip_area + target, shadow + target, strip_area + target, size);
}

/* Whatever lies there: any thread's bytes, over the ends of strips, blocks and pages. */
static void load_anything(Worker *worker) {
  const Transfer *const transfer = &transfers[random_below(&worker->random, TRANSFERS)];
  _Alignas(16) uint8_t bytes[TRANSFER_MOST];
  const uint32_t at = random_below(&worker->random, STRIP_BYTES - TRANSFER_MOST);
  transfer->move(bytes, strip_area + (at & -transfer->alignment));
}

/* A part of a record of word `first` and on, in a way that writes whole words. */
static const Transfer *words_transfer(Worker *worker, uint32_t *first) {
  const Transfer *transfer;
  do transfer = &transfers[random_below(&worker->random, TRANSFERS)];
  while (transfer->alignment != 4);
  *first = random_below(&worker->random, RECORD_WORDS - transfer->size / 4 + 1);
  return transfer;
}

/* What a word says: the number of its writing, twice, so that a torn one shows. */
static uint32_t numbered(uint32_t sequence) { return sequence * 0x10001u; }

static void store_record(Worker *worker) {
  const uint32_t mine = (RECORDS + threads - 1 - worker->self) / threads;
  const uint32_t number = worker->self + threads * random_below(&worker->random, mine);
  _Alignas(16) uint32_t words[TRANSFER_MOST / 4];
  uint32_t first;
  const Transfer *const transfer = words_transfer(worker, &first);
  const uint32_t next = numbered(++worker->sequence[number]);
  for (uint32_t i = 0; i < transfer->size / 4; i++) words[i] = worker->last[number][first + i] = next;
  transfer->move(records[number] + first, words);
}

static void load_record(Worker *worker) {
  const uint32_t number = random_below(&worker->random, RECORDS);
  _Alignas(16) uint32_t words[TRANSFER_MOST / 4];
  uint32_t first;
  const Transfer *const transfer = words_transfer(worker, &first);
  transfer->move(words, records[number] + first);
  for (uint32_t i = 0; i < transfer->size / 4; i++) {
    uint32_t *const last = &worker->last[number][first + i];
    const int own = number % threads == worker->self;
    if (own ? words[i] != *last : words[i] < *last) fail(transfer->name, records[number] + first + i, *last, words[i]);
    if (words[i] != numbered(words[i] & 0xffff)) fail("a torn word", records[number] + first + i, *last, words[i]);
    *last = words[i];
  }
}

static void use_group(Worker *worker) {
  const uint32_t number = random_below(&worker->random, GROUPS);
  Group *const group = &groups[number];
  pthread_mutex_lock(&group->mutex);
  for (int i = 1; i < GROUP_WORDS; i++)
    if (*group->words[i] != *group->words[0])
      fail("word under a lock", group->words[i], *group->words[0], *group->words[i]);
  for (int i = 0; i < GROUP_WORDS; i++) ++*group->words[i];
  pthread_mutex_unlock(&group->mutex);
  worker->grouped[number]++;
}

static void count_up(Worker *worker) {
  const uint32_t which = random_below(&worker->random, 4);
  switch (which) {
    case 0: __atomic_add_fetch(&counters.byte, 1, __ATOMIC_SEQ_CST); break;
    case 1: __atomic_add_fetch(&counters.half, 1, __ATOMIC_RELAXED); break;
    case 2: __atomic_add_fetch(&counters.word, 1, __ATOMIC_ACQ_REL); break;
    default: __atomic_add_fetch(&counters.wide, 0x80000001ull, __ATOMIC_SEQ_CST);
  }
  worker->added[which]++;
}

#endif
