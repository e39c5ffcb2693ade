/*
 * Threads that change 128 bytes each: first in pages of their own (once to warm up, once to measure), then next to each
 * other in one page, which goes from node to node until it is split. Each thread notes how far it came in each slice of
 * time. The last half of the slices is the figure; the switch-over is done when the speed is four fifths of the one
 * before, over some slices.
 */
#include "cluster.h"

enum { SECTION = 128, WORDS = SECTION / 4, THREADS_MOST = 8, SLICES_MOST = 1000, PASSES = 64, STEADY_SLICES = 4 };
static const int64_t slice_ns = 10 * 1000000;
enum { WARM_UP, APART, TOGETHER, PHASES };
static struct {
  volatile uint32_t words[WORDS] PAGED;
} apart[THREADS_MOST];
static struct {
  volatile uint32_t together[THREADS_MOST][WORDS] PAGED;
  pthread_barrier_t turn PAGED;
  int64_t begin[PHASES] PAGED;
} shared;
/* What each thread notes lies on pages of its own. */
static struct {
  uint32_t passes[PHASES][SLICES_MOST + 1] PAGED;
  int64_t cpu[PHASES];
} notes[THREADS_MOST];
static int threads, slices;

static void change(int self, int phase, volatile uint32_t *words) {
  const int64_t start = shared.begin[phase], cpu = node_cpu();
  uint32_t *passes = notes[self].passes[phase];
  for (;;) {
    for (int pass = 0; pass < PASSES; pass++)
      for (int i = 0; i < WORDS; i++) words[i] += (uint32_t)i + 1;
    const int64_t slice = (now() - start) / slice_ns;
    passes[slice < slices ? slice : slices] += PASSES;
    if (slice >= slices) break;
  }
  notes[self].cpu[phase] = node_cpu() - cpu;
}

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  /* Own pages come here. */
  for (int phase = 0; phase < PHASES; phase++)
    for (int i = 0; i <= SLICES_MOST; i++) notes[self].passes[phase][i] = 0;
  for (int phase = 0; phase < PHASES; phase++) {
    pthread_barrier_wait(&shared.turn);
    if (self == 0) shared.begin[phase] = now();
    pthread_barrier_wait(&shared.turn);
    change(self, phase, phase == TOGETHER ? shared.together[self] : apart[self].words);
    pthread_barrier_wait(&shared.turn);
  }
  return NULL;
}

/* Bytes changed from one slice to another, by all threads. */
static double bytes(int phase, int from, int to) {
  double sum = 0;
  for (int i = 0; i < threads; i++)
    for (int slice = from; slice < to; slice++) sum += notes[i].passes[phase][slice];
  return sum * SECTION;
}

static uint32_t lost(void) {
  uint32_t sum = 0;
  for (int i = 0; i < threads; i++) {
    uint32_t passes[PHASES] = {0};
    for (int phase = 0; phase < PHASES; phase++)
      for (int slice = 0; slice <= slices; slice++) passes[phase] += notes[i].passes[phase][slice];
    for (uint32_t k = 0; k < WORDS; k++)
      sum += (apart[i].words[k] != (passes[WARM_UP] + passes[APART]) * (k + 1)) +
             (shared.together[i][k] != passes[TOGETHER] * (k + 1));
  }
  return sum;
}

int main(int argc, char **argv) {
  threads = argument(argc, argv, 1, 2, 1, THREADS_MOST);
  slices = argument(argc, argv, 2, 60, 2 * STEADY_SLICES, SLICES_MOST);
  pthread_barrier_init(&shared.turn, NULL, (unsigned)threads);
  run_team(threads, work);
  const uint32_t wrong = lost();
  if (wrong) {
    fprintf(stderr, "false-sharing: %u words are not what was stored\n", wrong);
    return WRONG;
  }
  const int half = slices / 2;
  const double half_ns = (double)(slices - half) * slice_ns;
  const double before = bytes(APART, half, slices) * 1e3 / half_ns;
  const double after = bytes(TOGETHER, half, slices) * 1e3 / half_ns;
  int over = 0;
  while (over < slices - STEADY_SLICES &&
         bytes(TOGETHER, over, over + STEADY_SLICES) * 1e3 / (STEADY_SLICES * slice_ns) < before * 0.8)
    over++;
  int64_t cpu = notes[0].cpu[TOGETHER] + (threads > 1 ? notes[1].cpu[TOGETHER] : 0);
  printf("{\"result\": \"false-sharing\", \"speed\": %.3f, \"apart\": %.3f, \"switchOver\": %.0f, ", after, before,
         over * slice_ns / 1e6);
  printf("\"perCpuSecond\": %.3f, \"checksum\": \"%08x\"}\n",
         bytes(TOGETHER, 0, slices + 1) * 1e3 / (double)cpu, wrong);
  return 0;
}
