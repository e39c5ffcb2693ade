/*
 * How fast one node reads, or reads and writes, what the other has written. The first thread, on the master, fills a
 * buffer; the second, on another node, goes through it: forward, backward, each third page, four streams by turns, and
 * forward storing too. Each way is done several times; the fastest counts. Output, a line each, with a checksum that
 * depends on every byte touched:
 *
 *   WAY BYTES bytes MB_PER_S megabytes/s checksum SUM
 */
#include <pthread.h>
#include "bench.h"

enum { PAGE = 4096, PAGES_MOST = 16384, STREAMS = 4, SKIP = 3, TIMES = 4 };
static uint8_t pages[PAGES_MOST][PAGE] __attribute__((aligned(PAGE)));
static pthread_barrier_t turn __attribute__((aligned(PAGE)));
static int count __attribute__((aligned(PAGE)));

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static uint32_t read_page(int page) {
  const uint32_t *words = (const uint32_t *)pages[page];
  uint32_t sum = 0;
  for (int i = 0; i < PAGE / 4; i++) sum += words[i];
  return sum;
}

static uint32_t change_page(int page) {
  uint32_t *words = (uint32_t *)pages[page];
  uint32_t sum = 0;
  for (int i = 0; i < PAGE / 4; i++) sum += words[i]++;
  return sum;
}

static void fill(uint32_t seed) {
  for (int page = 0; page < count; page++) {
    uint32_t *words = (uint32_t *)pages[page];
    for (int i = 0; i < PAGE / 4; i++) words[i] = seed + (uint32_t)(page * PAGE + i);
  }
}

static uint32_t forward(void) {
  uint32_t sum = 0;
  for (int page = 0; page < count; page++) sum += read_page(page);
  return sum;
}
static uint32_t backward(void) {
  uint32_t sum = 0;
  for (int page = count - 1; page >= 0; page--) sum += read_page(page);
  return sum;
}
static uint32_t strided(void) {
  uint32_t sum = 0;
  for (int page = 0; page < count; page += SKIP) sum += read_page(page);
  return sum;
}
static uint32_t interleaved(void) {
  uint32_t sum = 0;
  for (int page = 0; page < count / STREAMS; page++)
    for (int stream = 0; stream < STREAMS; stream++) sum += read_page(stream * (count / STREAMS) + page);
  return sum;
}
static uint32_t changing(void) {
  uint32_t sum = 0;
  for (int page = 0; page < count; page++) sum += change_page(page);
  return sum;
}

static const struct {
  const char *name;
  uint32_t (*go)(void);
  int share;
} ways[] = {{"forward", forward, 1}, {"backward", backward, 1}, {"strided", strided, SKIP}, {"interleaved", interleaved, 1}, {"changing", changing, 1}};
enum { WAYS = sizeof ways / sizeof *ways };

static void *reader(void *unused) {
  for (int way = 0; way < WAYS; way++) {
    int64_t best = INT64_MAX;
    uint32_t sum = 0;
    for (int time = 0; time < TIMES; time++) {
      pthread_barrier_wait(&turn);
      const int64_t start = now();
      sum += ways[way].go();
      const int64_t took = now() - start;
      if (took < best) best = took;
      pthread_barrier_wait(&turn);
    }
    const int64_t bytes = (int64_t)count * PAGE / ways[way].share;
    printf("%s %lld bytes %.1f megabytes/s checksum %08x\n", ways[way].name, (long long)bytes, bytes * 1e3 / best, sum);
  }
  return unused;
}

int main(int argc, char **argv) {
  const int mebibytes = argc > 1 ? atoi(argv[1]) : 16;
  if (mebibytes < 1 || mebibytes > PAGES_MOST / 256) {
    fprintf(stderr, "usage: %s [MEBIBYTES]   (1 to %d)\n", argv[0], PAGES_MOST / 256);
    return 2;
  }
  count = mebibytes * 256;
  pthread_barrier_init(&turn, NULL, 2);
  pthread_t thread;
  if (pthread_create(&thread, NULL, reader, NULL)) return 1;
  for (int way = 0; way < WAYS; way++)
    for (int time = 0; time < TIMES; time++) {
      fill((uint32_t)(way * TIMES + time));
      pthread_barrier_wait(&turn);
      pthread_barrier_wait(&turn);
    }
  pthread_join(thread, NULL);
  return 0;
}
