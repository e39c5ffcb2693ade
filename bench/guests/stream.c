/*
 * How fast one node reads, or reads and writes, what the other has written. The first thread, on the master, fills a
 * buffer; the second, on another node, goes through it: forward, backward, each third page, four streams by turns, and
 * forward storing too. Each way is gone several times; the fastest counts. The checksum depends on every byte touched.
 * A second argument names the only way to go, a third says how often.
 */
#include "cluster.h"

enum { PAGES_MOST = 16384, STREAMS = 4, SKIP = 3, TIMES = 6, TIMES_MOST = 1000 };
static struct {
  uint8_t pages[PAGES_MOST][PAGE] PAGED;
  pthread_barrier_t turn PAGED;
  /* Processor time of the master while the other node is at it. */
  int64_t master_cpu PAGED;
} shared;
static int count, times;
static const char *only;

static uint32_t read_page(int page) {
  const uint32_t *words = (const uint32_t *)shared.pages[page];
  uint32_t sum = 0;
  for (int i = 0; i < PAGE / 4; i++) sum += words[i];
  return sum;
}

static uint32_t change_page(int page) {
  uint32_t *words = (uint32_t *)shared.pages[page];
  uint32_t sum = 0;
  for (int i = 0; i < PAGE / 4; i++) sum += words[i]++;
  return sum;
}

static void fill(uint32_t seed) {
  for (int page = 0; page < count; page++) {
    uint32_t *words = (uint32_t *)shared.pages[page];
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
} ways[] = {
    {"forward", forward, 1},         {"backward", backward, 1}, {"strided", strided, SKIP},
    {"interleaved", interleaved, 1}, {"changing", changing, 1},
};
enum { WAYS = sizeof ways / sizeof *ways };

static int chosen(int way) { return only == NULL || strcmp(only, ways[way].name) == 0; }

static void *reader(void *unused) {
  for (int way = 0; way < WAYS; way++) {
    if (!chosen(way)) continue;
    int64_t best = INT64_MAX, cpu = 0;
    uint32_t sum = 0;
    for (int time = 0; time < times; time++) {
      pthread_barrier_wait(&shared.turn);
      const int64_t start = now(), cpu_before = node_cpu();
      sum += ways[way].go();
      const int64_t took = now() - start;
      cpu += node_cpu() - cpu_before;
      if (took < best) best = took;
      pthread_barrier_wait(&shared.turn);
    }
    const double bytes = (double)count * PAGE / ways[way].share;
    tell_speed(ways[way].name, bytes, best, bytes * times, cpu + shared.master_cpu, sum);
    pthread_barrier_wait(&shared.turn);
  }
  return unused;
}

int main(int argc, char **argv) {
  const int mebibytes = argument(argc, argv, 1, 16, 1, PAGES_MOST / 256);
  only = argc > 2 ? argv[2] : NULL;
  times = argument(argc, argv, 3, TIMES, 1, TIMES_MOST);
  count = mebibytes * 256;
  pthread_barrier_init(&shared.turn, NULL, 2);
  pthread_t thread;
  if (pthread_create(&thread, NULL, reader, NULL)) return 1;
  for (int way = 0; way < WAYS; way++) {
    if (!chosen(way)) continue;
    int64_t cpu = 0;
    for (int time = 0; time < times; time++) {
      fill((uint32_t)(way * times + time));
      const int64_t before = node_cpu();
      pthread_barrier_wait(&shared.turn);
      pthread_barrier_wait(&shared.turn);
      cpu += node_cpu() - before;
      shared.master_cpu = cpu;
    }
    pthread_barrier_wait(&shared.turn);
  }
  pthread_join(thread, NULL);
  return 0;
}
