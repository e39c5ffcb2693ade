/*
 * A mutex or a counter that one thread on each node wants, or a mutex for each of them, for a time. Fairness is the
 * work of the slowest thread divided by the work of the fastest. As much time goes before, to warm up.
 */
#include "cluster.h"

enum { WARM_UP, MEASURED, PHASES };
struct guarded {
  pthread_mutex_t mutex;
  uint32_t value;
};
static struct {
  struct guarded guarded PAGED;
  uint32_t counter PAGED;
  pthread_barrier_t turn PAGED;
  int64_t end PAGED;
} shared;
static struct {
  struct guarded guarded PAGED;
} privates[TEAM_MOST];
static struct {
  uint32_t done[PHASES] PAGED;
} notes[TEAM_MOST];
static int mode, milliseconds;

static void count_under_mutex(struct guarded *guarded) {
  pthread_mutex_lock(&guarded->mutex);
  guarded->value++;
  pthread_mutex_unlock(&guarded->mutex);
}
static void on_mutex(int self) {
  (void)self;
  count_under_mutex(&shared.guarded);
}
static void on_counter(int self) {
  (void)self;
  __atomic_fetch_add(&shared.counter, 1, __ATOMIC_SEQ_CST);
}
static void on_private(int self) { count_under_mutex(&privates[self].guarded); }

static uint32_t of_mutex(int threads) {
  (void)threads;
  return shared.guarded.value;
}
static uint32_t of_counter(int threads) {
  (void)threads;
  return shared.counter;
}
static uint32_t of_privates(int threads) {
  uint32_t sum = 0;
  for (int i = 0; i < threads; i++) sum += privates[i].guarded.value;
  return sum;
}

static const struct {
  const char *name;
  void (*step)(int self);
  uint32_t (*counted)(int threads);
  /* Steps between two looks at the clock. */
  uint32_t steps;
} modes[] = {
    {"mutex", on_mutex, of_mutex, 16},
    {"counter", on_counter, of_counter, 16},
    {"private", on_private, of_privates, 1024},
};
enum { MODES = sizeof modes / sizeof *modes };

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  for (int phase = 0; phase < PHASES; phase++) {
    uint32_t done = 0;
    pthread_barrier_wait(&shared.turn);
    if (self == 0) shared.end = now() + milliseconds * 1000000ll;
    pthread_barrier_wait(&shared.turn);
    const int64_t until = shared.end;
    do {
      for (uint32_t i = 0; i < modes[mode].steps; i++) modes[mode].step(self);
      done += modes[mode].steps;
    } while (now() < until);
    notes[self].done[phase] = done;
    pthread_barrier_wait(&shared.turn);
  }
  return NULL;
}

int main(int argc, char **argv) {
  while (mode < MODES && (argc < 2 || strcmp(argv[1], modes[mode].name))) mode++;
  if (mode == MODES) {
    fprintf(stderr, "usage: %s mutex|counter|private [THREADS] [MILLISECONDS]\n", argv[0]);
    return 2;
  }
  const int threads = argument(argc, argv, 2, 2, 1, TEAM_MOST);
  milliseconds = argument(argc, argv, 3, 1000, 10, 100000);
  pthread_mutex_init(&shared.guarded.mutex, NULL);
  for (int i = 0; i < threads; i++) pthread_mutex_init(&privates[i].guarded.mutex, NULL);
  pthread_barrier_init(&shared.turn, NULL, (unsigned)threads);
  run_team(threads, work);
  uint32_t all = 0, measured = 0, slowest = UINT32_MAX, fastest = 0;
  for (int i = 0; i < threads; i++) {
    const uint32_t done = notes[i].done[MEASURED];
    all += done + notes[i].done[WARM_UP];
    measured += done;
    if (done < slowest) slowest = done;
    if (done > fastest) fastest = done;
  }
  const uint32_t counted = modes[mode].counted(threads);
  if (counted != all) {
    fprintf(stderr, "contention: %u steps were counted of %u\n", counted, all);
    return WRONG;
  }
  printf("{\"result\": \"%s\", \"perMillisecond\": %.3f, \"fairness\": %.3f, \"checksum\": \"%08x\"}\n",
         modes[mode].name, (double)measured / milliseconds, (double)slowest / fastest, all - counted);
  return 0;
}
