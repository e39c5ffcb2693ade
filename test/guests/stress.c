/*
 * Threads at random work on memory that they share down to the byte, with a check on every access that allows one.
 *
 *   strips    runs of bytes, each written by one thread alone, which keeps a shadow of them: exact at every load
 *   records   rows of words, each written by one thread in ascending numbers, which both halves of a word show: no
 *             reader sees a word go back, or half of one
 *   groups    words all over the records' pages under one lock: all equal to whoever holds it
 *   counters  atomic ones of 1, 2, 4 and 8 bytes in one granule: their sums are known
 *   scratch   a page of each thread that it maps anew: zero then, whatever it was before
 *   queue     condition variables, and a futex word: what went in comes out
 *
 * Beside that pages are made read-only for a while (nothing in them may change then; whoever stores meanwhile faults
 * and tries again), threads come and go, and children are forked. After each round everything is compared.
 *
 * Usage: stress SEED SECONDS [THREADS [OPERATIONS [PROCESSES]]]: the seed decides what each thread does, not how they
 * interleave; PROCESSES 0 is without fork.
 */
#include "stress-memory.h"
#include "stress-state.h"
#include "stress-system.h"

static const struct {
  void (*run)(Worker *worker);
  /* How often, in relation to the others. */
  uint32_t weight;
} operations[] = {
  {store_strip, 30}, {load_strip, 20}, {copy_strip, 5}, {load_anything, 10}, {store_record, 15}, {load_record, 20},
  {use_group, 5},    {count_up, 5},    {map_scratch, 1}, {load_scratch, 5},  {protect, 1},       {use_queue, 3},
  {use_futex, 2},    {make_thread, 1}, {make_process, 1},
};
enum { OPERATIONS = sizeof operations / sizeof operations[0] };

static void *work(void *argument) {
  Worker *const worker = argument;
  uint32_t total = 0;
  current = worker;
  for (int i = 0; i < OPERATIONS; i++) total += operations[i].weight;
  for (uint32_t n = 0; n < worker->operations; n++) {
    uint32_t pick = random_below(&worker->random, total);
    int which = 0;
    while (pick >= operations[which].weight) pick -= operations[which++].weight;
    operations[which].run(worker);
    faults_in_a_row = 0;
  }
  return NULL;
}

/* From the seed: who owns which bytes, where the records and the words under the locks lie. */
static void lay_out(void) {
  Random random = {seed * 2654435761u | 1};
  const size_t bytes = (STRIP_PAGES + RECORD_PAGES + 2 * THREADS_MOST) * PAGE;
  area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(area != MAP_FAILED);
  strip_area = area;
  scratch = area + (STRIP_PAGES + RECORD_PAGES) * PAGE;
  shadow = calloc(1, STRIP_BYTES);
  for (uint32_t at = 0; at < STRIP_BYTES;) {
    const uint32_t wanted = 1 + random_below(&random, random_below(&random, 3) ? 160 : 12);
    const uint32_t size = wanted < STRIP_BYTES - at ? wanted : STRIP_BYTES - at;
    strips[strip_count++] = (Strip){at, size, random_below(&random, threads)};
    at += size;
  }
  /* The records' places: rows of words over all their pages, each third or so across the end of a granule or page. */
  const uint32_t stride = (RECORD_PAGES * PAGE - GROUPS * GROUP_WORDS * 4) / RECORDS & ~3u;
  for (uint32_t i = 0; i < RECORDS; i++)
    records[i] =
      (uint32_t *)(area + STRIP_BYTES + i * stride) + random_below(&random, stride / 4 - RECORD_WORDS - GROUPS);
  for (uint32_t g = 0; g < GROUPS; g++) {
    pthread_mutex_init(&groups[g].mutex, NULL);
    for (uint32_t w = 0; w < GROUP_WORDS; w++) {
      /* Behind a record of its own, where no other record or word is. */
      const uint32_t behind = (g * GROUP_WORDS + w) * (RECORDS / (GROUPS * GROUP_WORDS));
      groups[g].words[w] = records[behind] + RECORD_WORDS;
    }
  }
  for (uint32_t i = 0; i < threads; i++)
    workers[i] = (Worker){.self = i, .random = {(seed + i * 7919) * 2654435761u | 1}};
}

/* After a round nobody works: everything must be what the workers' books say. */
static void compare_all(void) {
  uint32_t added[4] = {0}, grouped[GROUPS] = {0}, pushed = 0, popped = 0, pushed_sum = 0, popped_sum = 0;
  for (uint32_t t = 0; t < threads; t++) {
    for (int i = 0; i < 4; i++) added[i] += workers[t].added[i];
    for (int g = 0; g < GROUPS; g++) grouped[g] += workers[t].grouped[g];
    pushed += workers[t].pushed, popped += workers[t].popped;
    pushed_sum += workers[t].pushed_sum, popped_sum += workers[t].popped_sum;
  }
  compare("strips", strip_area, shadow, strip_area, STRIP_BYTES);
  for (uint32_t r = 0; r < RECORDS; r++) {
    const uint32_t *const last = workers[r % threads].last[r];
    for (int w = 0; w < RECORD_WORDS; w++)
      if (records[r][w] != last[w]) fail("record", &records[r][w], last[w], records[r][w]);
  }
  for (int g = 0; g < GROUPS; g++)
    for (int w = 0; w < GROUP_WORDS; w++)
      if (*groups[g].words[w] != grouped[g])
        fail("word under a lock", groups[g].words[w], grouped[g], *groups[g].words[w]);
  if (counters.byte != (uint8_t)added[0]) fail("counter of 1 byte", &counters.byte, (uint8_t)added[0], counters.byte);
  if (counters.half != (uint16_t)added[1])
    fail("counter of 2 bytes", &counters.half, (uint16_t)added[1], counters.half);
  if (counters.word != added[2]) fail("counter of 4 bytes", &counters.word, added[2], counters.word);
  const uint64_t wide = added[3] * 0x80000001ull;
  if (counters.wide != wide) fail("counter of 8 bytes", &counters.wide, wide, counters.wide);
  for (uint32_t i = 0; i < queue.count; i++) popped_sum += queue.items[(queue.head + i) % QUEUE_SLOTS];
  if (pushed - popped != queue.count) fail("items in the queue", &queue.count, pushed - popped, queue.count);
  if (pushed_sum != popped_sum) fail("sum of the queue's items", queue.items, pushed_sum, popped_sum);
}

int main(int argc, char **argv) {
  seed = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 0) : 1;
  const long seconds = argc > 2 ? atol(argv[2]) : 5;
  if (argc > 3) threads = (uint32_t)atoi(argv[3]);
  const uint32_t count = argc > 4 ? (uint32_t)atoi(argv[4]) : 400;
  if (argc > 5) processes = atoi(argv[5]);
  CHECK(threads >= 1 && threads <= THREADS_MOST);
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &action, NULL);
  lay_out();
  const struct timespec end = after_ms(CLOCK_MONOTONIC, seconds * 1000);
  struct timespec now;
  do {
    pthread_t team[THREADS_MOST];
    round_number++;
    for (uint32_t t = 0; t < threads; t++) {
      workers[t].operations = count;
      CHECK(pthread_create(&team[t], NULL, work, &workers[t]) == 0);
    }
    for (uint32_t t = 0; t < threads; t++) CHECK(pthread_join(team[t], NULL) == 0);
    compare_all();
    clock_gettime(CLOCK_MONOTONIC, &now);
  } while (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
  uint32_t woken = 0;
  for (uint32_t t = 0; t < threads; t++) woken += workers[t].woken;
  const uint32_t total = round_number * count * threads;
  printf("stress: seed %u, %u threads, %u rounds, %u operations, ", seed, threads, round_number, total);
  printf("%u stores met a protected page, %u futex waits woken\n", faults, woken);
  return 0;
}
