/* The memory of a forked child is that of one moment, whatever threads of the parent do meanwhile and wherever. */
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include "processes.h"

enum { APART = 64, WRITERS = 3, FORKS = 6 };

/* Two counters of each writer, far apart; `early` is always counted before `late`. */
typedef struct {
  _Alignas(4096) atomic_int low;
  char between[APART * 4096];
  _Alignas(4096) atomic_int high;
} counters;

static counters of[WRITERS];
static atomic_int stopping;

static void *counts(void *argument) {
  counters *mine = argument;
  const int rises = (mine - of) % 2 == 0;
  atomic_int *early = rises ? &mine->low : &mine->high, *late = rises ? &mine->high : &mine->low;
  while (!stopping) {
    atomic_fetch_add(early, 1);
    atomic_fetch_add(late, 1);
  }
  return NULL;
}

/* Whether both counters of each writer are of one moment. */
static int is_whole(void) {
  for (int i = 0; i < WRITERS; i++) {
    const int ahead = i % 2 == 0 ? of[i].low - of[i].high : of[i].high - of[i].low;
    if (ahead != 0 && ahead != 1) return 0;
  }
  return 1;
}

static void *forks(void *argument) {
  int whole = 0;
  for (int i = 0; i < FORKS; i++) {
    const pid_t pid = forked();
    if (pid == 0) _exit(is_whole() ? 7 : 8);
    whole += WEXITSTATUS(status_of(pid)) == 7;
    usleep(1000);
  }
  return (void *)(intptr_t)whole;
}

int main(void) {
  pthread_t writers[WRITERS], forker;
  void *whole;
  for (int i = 0; i < WRITERS; i++) pthread_create(&writers[i], NULL, counts, &of[i]);
  for (int i = 0; i < WRITERS; i++)
    while (of[i].low == 0) sched_yield();
  pthread_create(&forker, NULL, forks, NULL);
  pthread_join(forker, &whole);
  stopping = 1;
  for (int i = 0; i < WRITERS; i++) pthread_join(writers[i], NULL);
  printf("%d of %d children whole\n", (int)(intptr_t)whole, FORKS);
  return 0;
}
