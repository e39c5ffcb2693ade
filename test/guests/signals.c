/* Signals of one thread: handlers, masks, pending, siginfo, nesting, alarm, alternate stack, default and ignored actions. */
#include <errno.h>
#include <signal.h>
#include <sys/time.h>
#include <unistd.h>
#include "guest.h"

static volatile sig_atomic_t caught, depth, deepest, value_seen, on_alternate;
static char alternate[65536];

static void count(int signal) { caught += signal; }
static void nested(int signal) {
  if (++depth > deepest) deepest = depth;
  if (signal == SIGUSR1) raise(SIGUSR2);
  depth--;
}
static void informed(int signal, siginfo_t *info, void *context) {
  (void)context;
  CHECK(info->si_signo == signal);
  CHECK(info->si_pid == getpid());
  value_seen = info->si_code == SI_QUEUE ? info->si_value.sival_int : -1;
}
static void where(int signal) {
  (void)signal;
  char here;
  on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
}

static void install(int signal, void (*handler)(int), int flags) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
  CHECK(sigaction(signal, &action, NULL) == 0);
}

int main(void) {
  install(SIGUSR1, count, 0);
  for (int i = 0; i < 100; i++) raise(SIGUSR1);
  kill(getpid(), SIGUSR1);
  printf("caught %d\n", caught / SIGUSR1);

  sigset_t set, old, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
  caught = 0;
  raise(SIGUSR1);
  raise(SIGUSR1);
  sigpending(&pending);
  printf("blocked: caught %d pending %d\n", caught, sigismember(&pending, SIGUSR1));
  CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
  printf("unblocked: caught %d\n", caught / SIGUSR1);

  install(SIGUSR1, nested, 0);
  install(SIGUSR2, nested, 0);
  raise(SIGUSR1);
  printf("deepest %d\n", deepest);

  struct sigaction action = {.sa_sigaction = informed, .sa_flags = SA_SIGINFO};
  CHECK(sigaction(SIGRTMIN + 1, &action, NULL) == 0);
  CHECK(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 1234}) == 0);
  printf("queued value %d\n", value_seen);

  const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  CHECK(sigaltstack(&stack, NULL) == 0);
  install(SIGUSR2, where, SA_ONSTACK);
  raise(SIGUSR2);
  printf("alternate stack %d\n", on_alternate);

  install(SIGUSR1, count, SA_RESETHAND);
  raise(SIGUSR1);
  CHECK(sigaction(SIGUSR1, NULL, &action) == 0);
  printf("reset %d\n", action.sa_handler == SIG_DFL);
  install(SIGUSR1, SIG_IGN, 0);
  raise(SIGUSR1);
  install(SIGCHLD, SIG_DFL, 0);
  raise(SIGCHLD);

  caught = 0;
  install(SIGALRM, count, 0);
  const struct itimerval soon = {.it_value = {0, 10000}};
  CHECK(setitimer(ITIMER_REAL, &soon, NULL) == 0);
  while (!caught) pause();
  printf("alarm %d\n", caught == SIGALRM);

  int ends[2];
  char byte;
  CHECK(pipe(ends) == 0);
  caught = 0;
  const struct itimerval later = {.it_value = {0, 20000}};
  CHECK(setitimer(ITIMER_REAL, &later, NULL) == 0);
  const ssize_t got = read(ends[0], &byte, 1);
  printf("read %d %s, caught %d\n", (int)got, got < 0 ? strerror(errno) : "", caught == SIGALRM);

  install(SIGPIPE, count, 0);
  caught = 0;
  close(ends[0]);
  const ssize_t put = write(ends[1], "x", 1);
  printf("write %d %s, caught %d\n", (int)put, put < 0 ? strerror(errno) : "", caught == SIGPIPE);
  fflush(stdout);
  raise(SIGTERM);
  printf("not reached\n");
  return 0;
}
