/*
 * Threads at random work on memory that they share down to the byte, with a check on every access that allows one.
 *
 *   strips    runs of bytes, each written by one thread alone, which keeps a shadow of them: exact at every load
 *   records   rows of words, each written by one thread in ascending numbers, which both halves of a word show: no reader
 *             sees a word go back, or half of one
 *   groups    words all over the records' pages under one lock: all equal to whoever holds it
 *   counters  atomic ones of 1, 2, 4 and 8 bytes in one granule: their sums are known
 *   scratch   a page of each thread that it maps anew: zero then, whatever it was before
 *   queue     condition variables, and a futex word: what went in comes out
 *
 * Beside that pages are made read-only for a while (nothing in them may change then; whoever stores meanwhile faults and
 * tries again) and threads come and go. After each round everything is compared.
 *
 * Usage: stress SEED SECONDS [THREADS [OPERATIONS]]: the seed decides what each thread does, not how they interleave.
 */
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "guest.h"
#include "stress-transfers.h"

enum {
  PAGE = 4096,
  THREADS_MOST = 16,
  STRIP_PAGES = 12,
  RECORD_PAGES = 6,
  STRIP_BYTES = STRIP_PAGES * PAGE,
  STRIPS_MOST = STRIP_BYTES,
  RECORDS = 64,
  RECORD_WORDS = 16,
  GROUPS = 4,
  GROUP_WORDS = 6,
  QUEUE_SLOTS = 8,
  FAULTS_IN_A_ROW_MOST = 10000000,
};

typedef struct {
  uint32_t start, size, owner;
} Strip;

/* One lock's words lie in the pages of the records, behind all of these. */
typedef struct {
  pthread_mutex_t mutex;
  uint32_t *words[GROUP_WORDS];
} Group;

typedef struct {
  uint32_t self, operations;
  Random random;
  /* Additions to counters and groups, items into and out of the queue. */
  uint32_t added[4], grouped[GROUPS], pushed, popped, pushed_sum, popped_sum, woken;
  uint32_t sequence[RECORDS];
  uint32_t last[RECORDS][RECORD_WORDS];
  uint32_t generation;
} Worker;

static uint32_t seed, threads = 6, round_number;
static uint8_t *area, *strip_area, *scratch;
static uint32_t *records[RECORDS];
static uint8_t *shadow;
static Strip strips[STRIPS_MOST];
static uint32_t strip_count;
static Group groups[GROUPS];
static struct {
  _Alignas(64) uint8_t byte;
  uint16_t half;
  uint32_t word;
  uint64_t wide;
} counters;
static struct {
  pthread_mutex_t mutex;
  pthread_cond_t filled;
  uint32_t items[QUEUE_SLOTS], head, count;
} queue = {.mutex = PTHREAD_MUTEX_INITIALIZER, .filled = PTHREAD_COND_INITIALIZER};
static uint32_t futex_word;
static pthread_mutex_t map_lock = PTHREAD_MUTEX_INITIALIZER;
static Worker workers[THREADS_MOST];
static uint32_t faults;

static __thread const Worker *current;
static __thread sigjmp_buf resume;
static __thread volatile int expecting;
static __thread uint32_t faults_in_a_row;

static void fail(const char *what, const volatile void *at, uint64_t expected, uint64_t seen) {
  const int self = current ? (int)current->self : -1;
  printf("stress: seed %u round %u thread %d: %s at %p: expected %llx, seen %llx\n", seed, round_number, self, what, (void *)at, (unsigned long long)expected, (unsigned long long)seen);
  fflush(stdout);
  _exit(1);
}

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  if (expecting) siglongjmp(resume, 1);
  const uint8_t *const at = info->si_addr;
  if (at < area || at >= scratch + 2 * THREADS_MOST * PAGE) fail("a fault outside the area", at, 0, 0);
  if (++faults_in_a_row > FAULTS_IN_A_ROW_MOST) fail("a fault that does not end", at, 0, 0);
  __atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
  sched_yield();
}

/* Whether a load (or store) at `at` faults. */
static int faulting(volatile uint8_t *at, int store) {
  if (sigsetjmp(resume, 1)) {
    expecting = 0;
    return 1;
  }
  expecting = 1;
  if (store) *at = *at;
  else (void)*at;
  expecting = 0;
  return 0;
}

static void random_bytes(Random *random, uint8_t *bytes, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) bytes[i] = (uint8_t)(random_next(random) >> 13);
}

static void compare(const char *what, const uint8_t *at, const uint8_t *expected, const uint8_t *seen, uint32_t size) {
  for (uint32_t i = 0; i < size; i++)
    if (expected[i] != seen[i]) fail(what, at + i, expected[i], seen[i]);
}

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
  transfer->store(strip_area + at, bytes);
  memcpy(shadow + at, bytes, transfer->size);
}

static void load_strip(Worker *worker) {
  const Transfer *const transfer = &transfers[random_below(&worker->random, TRANSFERS)];
  const Strip *const strip = strip_for(worker, transfer->size);
  _Alignas(16) uint8_t bytes[TRANSFER_MOST];
  if (!strip) return;
  const uint32_t at = place_in(worker, strip, transfer);
  transfer->load(bytes, strip_area + at);
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
  transfer->load(bytes, strip_area + (random_below(&worker->random, STRIP_BYTES - TRANSFER_MOST) & -transfer->alignment));
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
  transfer->store(records[number] + first, words);
}

static void load_record(Worker *worker) {
  const uint32_t number = random_below(&worker->random, RECORDS);
  _Alignas(16) uint32_t words[TRANSFER_MOST / 4];
  uint32_t first;
  const Transfer *const transfer = words_transfer(worker, &first);
  transfer->load(words, records[number] + first);
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
    if (*group->words[i] != *group->words[0]) fail("word under a lock", group->words[i], *group->words[0], *group->words[i]);
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

static uint32_t *scratch_of(uint32_t thread) { return (uint32_t *)(scratch + 2 * thread * PAGE); }

static void map_scratch(Worker *worker) {
  uint32_t *const page = scratch_of(worker->self);
  const uint32_t word = random_below(&worker->random, PAGE / 4);
  if (random_below(&worker->random, 2)) {
    if (munmap(page, PAGE) != 0) fail("munmap", page, 0, errno);
    if (!faulting((uint8_t *)(page + word), 0)) fail("no fault after munmap", page + word, 0, 0);
  }
  if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page) fail("mmap", page, 0, errno);
  worker->generation++;
  for (uint32_t i = 0; i < PAGE / 4; i += 61)
    if (page[i] != 0) fail("a page mapped anew", page + i, 0, page[i]);
  if (page[word] != 0) fail("a page mapped anew", page + word, 0, page[word]);
  for (int i = 0; i < 4; i++) page[random_below(&worker->random, PAGE / 4)] = worker->generation << 8 | worker->self;
}

static void load_scratch(Worker *worker) {
  const uint32_t owner = random_below(&worker->random, threads);
  const volatile uint32_t *const at = scratch_of(owner) + random_below(&worker->random, PAGE / 4);
  const uint32_t seen = *at;
  if (seen != 0 && (seen & 0xff) != owner) fail("another thread's scratch page", at, owner, seen);
}

/* While a page is read-only nothing in it changes; while it can't be read either, a load faults. */
static void protect(Worker *worker) {
  static uint8_t before[PAGE];
  if (pthread_mutex_trylock(&map_lock) != 0) return;
  uint8_t *const page = area + random_below(&worker->random, STRIP_PAGES + RECORD_PAGES) * PAGE;
  const uint32_t at = random_below(&worker->random, PAGE);
  if (mprotect(page, PAGE, PROT_READ) != 0) fail("mprotect", page, 0, errno);
  memcpy(before, page, PAGE);
  if (!faulting(page + at, 1)) fail("no fault at a read-only byte", page + at, 0, 0);
  if (random_below(&worker->random, 4) == 0) {
    if (mprotect(page, PAGE, PROT_NONE) != 0) fail("mprotect", page, 0, errno);
    if (!faulting(page + at, 0)) fail("no fault at a protected byte", page + at, 0, 0);
    if (mprotect(page, PAGE, PROT_READ) != 0) fail("mprotect", page, 0, errno);
  }
  compare("a read-only page", page, before, page, PAGE);
  if (mprotect(page, PAGE, PROT_READ | PROT_WRITE) != 0) fail("mprotect", page, 0, errno);
  pthread_mutex_unlock(&map_lock);
}

static struct timespec after_ms(clockid_t clock, long ms) {
  struct timespec time;
  clock_gettime(clock, &time);
  time.tv_nsec += ms % 1000 * 1000000;
  time.tv_sec += ms / 1000 + time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

static void use_queue(Worker *worker) {
  const int push = (int)random_below(&worker->random, 2);
  pthread_mutex_lock(&queue.mutex);
  if (push && queue.count < QUEUE_SLOTS) {
    const uint32_t item = random_next(&worker->random);
    queue.items[(queue.head + queue.count++) % QUEUE_SLOTS] = item;
    worker->pushed++;
    worker->pushed_sum += item;
    pthread_cond_signal(&queue.filled);
  } else {
    const struct timespec until = after_ms(CLOCK_REALTIME, 2);
    int result = 0;
    while (queue.count == 0 && result == 0) result = pthread_cond_timedwait(&queue.filled, &queue.mutex, &until);
    if (result != 0 && result != ETIMEDOUT) fail("pthread_cond_timedwait", &queue, 0, (uint32_t)result);
    if (queue.count > 0) {
      worker->popped++;
      worker->popped_sum += queue.items[queue.head];
      queue.head = (queue.head + 1) % QUEUE_SLOTS;
      queue.count--;
    }
  }
  pthread_mutex_unlock(&queue.mutex);
}

static void use_futex(Worker *worker) {
  if (random_below(&worker->random, 2)) {
    __atomic_add_fetch(&futex_word, 1, __ATOMIC_SEQ_CST);
    const long count = syscall(SYS_futex, &futex_word, FUTEX_WAKE_PRIVATE, 2, NULL);
    if (count < 0 || count > 2) fail("FUTEX_WAKE", &futex_word, 2, (uint64_t)count);
    return;
  }
  const struct timespec time = {.tv_nsec = 1000000};
  const uint32_t seen = __atomic_load_n(&futex_word, __ATOMIC_SEQ_CST);
  if (syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, seen, &time) == 0) worker->woken++;
  else if (errno != EAGAIN && errno != ETIMEDOUT && errno != EINTR) fail("FUTEX_WAIT", &futex_word, 0, (uint32_t)errno);
}

static void *visit(void *argument) {
  Worker *const worker = argument;
  current = worker;
  count_up(worker);
  use_group(worker);
  load_strip(worker);
  return NULL;
}

/* A thread that comes, works for its maker (who waits), and goes. */
static void make_thread(Worker *worker) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, visit, worker) != 0) fail("pthread_create", worker, 0, errno);
  if (pthread_join(thread, NULL) != 0) fail("pthread_join", worker, 0, errno);
}

static const struct {
  void (*run)(Worker *worker);
  /* How often, in relation to the others. */
  uint32_t weight;
} operations[] = {
  {store_strip, 30}, {load_strip, 20}, {copy_strip, 5}, {load_anything, 10}, {store_record, 15}, {load_record, 20},
  {use_group, 5},    {count_up, 5},    {map_scratch, 1}, {load_scratch, 5},  {protect, 1},       {use_queue, 3},
  {use_futex, 2},    {make_thread, 1},
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
    records[i] = (uint32_t *)(area + STRIP_BYTES + i * stride + random_below(&random, stride / 4 - RECORD_WORDS - GROUPS) * 4);
  for (uint32_t g = 0; g < GROUPS; g++) {
    pthread_mutex_init(&groups[g].mutex, NULL);
    for (uint32_t w = 0; w < GROUP_WORDS; w++) {
      /* Behind a record of its own, where no other record or word is. */
      const uint32_t behind = (g * GROUP_WORDS + w) * (RECORDS / (GROUPS * GROUP_WORDS));
      groups[g].words[w] = records[behind] + RECORD_WORDS;
    }
  }
  for (uint32_t i = 0; i < threads; i++) workers[i] = (Worker){.self = i, .random = {(seed + i * 7919) * 2654435761u | 1}};
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
  for (uint32_t r = 0; r < RECORDS; r++)
    for (int w = 0; w < RECORD_WORDS; w++)
      if (records[r][w] != workers[r % threads].last[r][w]) fail("record", &records[r][w], workers[r % threads].last[r][w], records[r][w]);
  for (int g = 0; g < GROUPS; g++)
    for (int w = 0; w < GROUP_WORDS; w++)
      if (*groups[g].words[w] != grouped[g]) fail("word under a lock", groups[g].words[w], grouped[g], *groups[g].words[w]);
  if (counters.byte != (uint8_t)added[0]) fail("counter of 1 byte", &counters.byte, (uint8_t)added[0], counters.byte);
  if (counters.half != (uint16_t)added[1]) fail("counter of 2 bytes", &counters.half, (uint16_t)added[1], counters.half);
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
  printf("stress: seed %u, %u threads, %u rounds, %u operations, %u stores met a protected page, %u futex waits woken\n", seed, threads, round_number, round_number * count * threads, faults, woken);
  return 0;
}
