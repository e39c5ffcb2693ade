/* Threads sleep and wait for a time while a timer's signal comes all along: each ends in time, none early. */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include "threads.h"

enum { SLEEP_MS = 300, TICK_US = 10000 };

static volatile sig_atomic_t ticks;
static void tick(int signal) {
  (void)signal;
  ticks++;
}

static long left_ms(const struct timespec *end) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
}

/* Any thread may take the signal: then the rest of the time is waited for. */
static void *sleeper(void *argument) {
  struct timespec end;
  clock_gettime(CLOCK_MONOTONIC, &end);
  end.tv_sec += SLEEP_MS / 1000;
  end.tv_nsec += SLEEP_MS % 1000 * 1000000;
  end.tv_sec += end.tv_nsec / 1000000000;
  end.tv_nsec %= 1000000000;
  int word = 0;
  for (long ms; (ms = left_ms(&end)) > 0;) {
    const struct timespec rest = {ms / 1000, ms % 1000 * 1000000};
    int result;
    switch ((intptr_t)argument) {
      case 0: result = nanosleep(&rest, NULL); break;
      case 1: result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, &rest, NULL, 0); break;
      case 2: result = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &end, NULL, INT_MAX); break;
      default: result = poll(NULL, 0, ms); break;
    }
    CHECK(result == 0 || errno == EINTR || errno == ETIMEDOUT);
  }
  return (void *)1;
}

int main(void) {
  struct sigaction action = {.sa_handler = tick, .sa_flags = SA_RESTART};
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  const struct itimerval often = {{0, TICK_US}, {0, TICK_US}}, never = {0};
  CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
  const long ended = run_team(4, sleeper);
  CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
  printf("ended %ld ticks %d\n", ended, ticks > 1);
  return 0;
}
