/*
 * Random access: 1, 8 and 64 threads of one node each read a word of every page of their share, in random order; the
 * other node has written them. While one thread waits for its block another runs. The fastest of some times counts; a
 * second argument says how many.
 */
#include "cluster.h"

enum { SHARES = 3, TIMES = 3, TIMES_MOST = 1000, THREADS_MOST = 64, PAGES_MOST = 4096 };
static const int threads_of[SHARES] = {1, 8, 64};
/* One thread alone needs longer for a page: it gets fewer. */
static const int part_of[SHARES] = {4, 2, 1};
static struct {
  uint8_t pages[PAGES_MOST][PAGE] PAGED;
  pthread_barrier_t turn[SHARES] PAGED;
  uint16_t order[PAGES_MOST] PAGED;
  int64_t far_cpu PAGED;
} shared;
static struct {
  int64_t start PAGED;
  int64_t end;
  uint32_t sum;
} notes[THREADS_MOST];
static int count, times;

static volatile uint32_t *word_of(uint32_t page) {
  return (volatile uint32_t *)(shared.pages[page] + 64 * (page & 63));
}

struct job {
  int share, self;
};

static void *reader(void *argument) {
  const struct job job = *(const struct job *)argument;
  const int threads = threads_of[job.share], pages_read = count / part_of[job.share] / threads;
  uint32_t sum = 0;
  for (int time = 0; time < times; time++) {
    pthread_barrier_wait(&shared.turn[job.share]);
    const int64_t cpu = job.self == 0 ? node_cpu() : 0;
    notes[job.self].start = now();
    for (int i = 0; i < pages_read; i++) sum += *word_of(shared.order[job.self * pages_read + i]);
    notes[job.self].end = now();
    notes[job.self].sum = sum;
    pthread_barrier_wait(&shared.turn[job.share]);
    if (job.self == 0) shared.far_cpu = node_cpu() - cpu;
    pthread_barrier_wait(&shared.turn[job.share]);
  }
  return NULL;
}

static void shuffle(void) {
  uint16_t *order = shared.order;
  uint32_t state = 4711;
  for (int i = 0; i < count; i++) order[i] = (uint16_t)i;
  for (uint32_t i = (uint32_t)count - 1; i > 0; i--) {
    state = state * 1664525u + 1013904223u;
    const uint32_t k = (uint32_t)(((uint64_t)state * (i + 1)) >> 32);
    const uint16_t kept = order[i];
    order[i] = order[k];
    order[k] = kept;
  }
}

static void measure(int share) {
  const int threads = threads_of[share], all = count / part_of[share];
  pthread_t made[THREADS_MOST];
  struct job jobs[THREADS_MOST];
  for (int i = 0; i < threads; i++) {
    jobs[i] = (struct job){share, i};
    make_far_thread(&made[i], reader, &jobs[i]);
  }
  int64_t best = INT64_MAX, cpu = 0;
  uint32_t sum = 0;
  for (int time = 0; time < times; time++) {
    for (int page = 0; page < count; page++) *word_of((uint32_t)page) = (uint32_t)(page * times + time);
    const int64_t before = node_cpu();
    pthread_barrier_wait(&shared.turn[share]);
    pthread_barrier_wait(&shared.turn[share]);
    cpu += node_cpu() - before;
    pthread_barrier_wait(&shared.turn[share]);
    cpu += shared.far_cpu;
    int64_t start = INT64_MAX, end = 0;
    sum = 0;
    for (int i = 0; i < threads; i++) {
      if (notes[i].start < start) start = notes[i].start;
      if (notes[i].end > end) end = notes[i].end;
      sum += notes[i].sum;
    }
    if (end - start < best) best = end - start;
  }
  for (int i = 0; i < threads; i++) pthread_join(made[i], NULL);
  char name[16];
  snprintf(name, sizeof name, "random-%d", threads);
  const double bytes = (double)all * PAGE;
  tell_speed(name, bytes, best, bytes * times, cpu, sum);
}

int main(int argc, char **argv) {
  count = argument(argc, argv, 1, PAGES_MOST, 256, PAGES_MOST);
  times = argument(argc, argv, 2, TIMES, 1, TIMES_MOST);
  count -= count % 256;
  shuffle();
  for (int share = 0; share < SHARES; share++)
    pthread_barrier_init(&shared.turn[share], NULL, (unsigned)threads_of[share] + 1);
  for (int share = 0; share < SHARES; share++) measure(share);
  return 0;
}
