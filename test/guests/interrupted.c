/*
 * Says which signals it takes, in four threads that spin and one that waits, until SIGTERM ends it with status 7.
 * With the argument `deaf` it blocks them all instead.
 */
#include <signal.h>
#include <unistd.h>
#include "threads.h"

static volatile uint32_t turns[4 * 16];

static void *work(void *argument) {
  for (;;) turns[(intptr_t)argument * 16]++;
  return NULL;
}

static void take(int number) {
  char line[] = "took 00\n";
  line[5] += number / 10;
  line[6] += number % 10;
  write(1, line, sizeof line - 1);
  if (number == SIGTERM) _exit(7);
}

int main(int argc, char **argv) {
  static const int numbers[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
  sigset_t all;
  sigfillset(&all);
  if (argc > 1 && strcmp(argv[1], "deaf") == 0) CHECK(sigprocmask(SIG_BLOCK, &all, NULL) == 0);
  struct sigaction action = {.sa_handler = take};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) CHECK(sigaction(numbers[i], &action, NULL) == 0);
  pthread_t thread;
  for (intptr_t i = 0; i < 4; i++) CHECK(pthread_create(&thread, NULL, work, (void *)i) == 0);
  printf("started\n");
  fflush(stdout);
  for (;;) pause();
}
