/*
 * Calls that a thread on node 1 makes and the master serves: close of a bad descriptor, and a write of one megabyte.
 * The figure of the write is for /dev/null, which takes nothing away; before, the same bytes go to a file once and are
 * read back by the first thread.
 */
#include <errno.h>
#include <fcntl.h>
#include "cluster.h"

enum { CALLS_MOST = 100000, MEGABYTE = 1000000, WRITES_MOST = 1000 };
static struct {
  uint32_t samples[CALLS_MOST] PAGED;
  uint32_t data[MEGABYTE / 4] PAGED, back[MEGABYTE / 4] PAGED;
  pthread_barrier_t turn PAGED;
  int64_t best PAGED;
  int64_t cpu;
} shared;
static int calls, writes, file, null_file;

static void fail(const char *what) {
  perror(what);
  exit(WRONG);
}

static void close_nothing(void) {
  const uint32_t cost = clock_cost();
  uint32_t refused = 0;
  for (int i = 0; i < calls; i++) {
    const int64_t start = now();
    const int result = close(-1);
    shared.samples[i] = (uint32_t)(now() - start);
    refused += result == -1 && errno == EBADF;
  }
  tell_percentiles("close", shared.samples, (uint32_t)calls, cost, refused);
}

static void *far(void *unused) {
  close_nothing();
  for (uint32_t i = 0; i < MEGABYTE / 4; i++) shared.data[i] = i * 2654435761u;
  if (write(file, shared.data, MEGABYTE) != MEGABYTE) fail("write");
  pthread_barrier_wait(&shared.turn);
  int64_t best = INT64_MAX;
  const int64_t cpu = node_cpu();
  for (int i = 0; i < writes; i++) {
    const int64_t start = now();
    if (write(null_file, shared.data, MEGABYTE) != MEGABYTE) fail("write");
    const int64_t took = now() - start;
    if (took < best) best = took;
  }
  shared.cpu = node_cpu() - cpu;
  shared.best = best;
  pthread_barrier_wait(&shared.turn);
  return unused;
}

int main(int argc, char **argv) {
  calls = argument(argc, argv, 1, 3000, 10, CALLS_MOST);
  writes = argument(argc, argv, 2, 200, 10, WRITES_MOST);
  file = open("delegated.data", O_RDWR | O_CREAT | O_TRUNC, 0600);
  null_file = open("/dev/null", O_WRONLY);
  if (file < 0 || null_file < 0) fail("open");
  pthread_barrier_init(&shared.turn, NULL, 2);
  pthread_t thread;
  if (pthread_create(&thread, NULL, far, NULL)) return 1;
  pthread_barrier_wait(&shared.turn);
  const int64_t start = node_cpu();
  pthread_barrier_wait(&shared.turn);
  const int64_t cpu = node_cpu() - start + shared.cpu;
  pthread_join(thread, NULL);
  if (pread(file, shared.back, MEGABYTE, 0) != MEGABYTE) fail("pread");
  uint32_t sum = 0;
  for (uint32_t i = 0; i < MEGABYTE / 4; i++) sum = sum * 31 + shared.back[i];
  tell_speed("write", MEGABYTE, shared.best, (double)MEGABYTE * writes, cpu, sum);
  return 0;
}
