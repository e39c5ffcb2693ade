/* SIGCHLD, and what children do not inherit: pending signals, timers. Waits that are interrupted. */
#include <sys/time.h>
#include <time.h>
#include "processes.h"

static volatile sig_atomic_t children, alarms, wrong;
static volatile int last_code, last_status, last_pid;

static void on_child(int signal, siginfo_t *info, void *context) {
  (void)context;
  if (signal != SIGCHLD || info->si_signo != SIGCHLD) wrong = 1;
  last_code = info->si_code;
  last_status = info->si_status;
  last_pid = info->si_pid;
  children++;
}

static void on_alarm(int signal) {
  (void)signal;
  alarms++;
}

static void handle(int signal, int flags) {
  struct sigaction action = {.sa_flags = flags};
  if (signal == SIGCHLD) {
    action.sa_sigaction = on_child;
    action.sa_flags |= SA_SIGINFO;
  } else action.sa_handler = on_alarm;
  CHECK(sigaction(signal, &action, NULL) == 0);
}

static void pause_ms(int ms) {
  struct timespec left = {ms / 1000, ms % 1000 * 1000000L};
  while (nanosleep(&left, &left) < 0 && errno == EINTR) {}
}

static void told(void) {
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  handle(SIGCHLD, 0);
  CHECK(sigprocmask(SIG_BLOCK, &set, &old) == 0);
  pid_t pid = child_that_exits(7);
  while (children == 0) sigsuspend(&old);
  printf("SIGCHLD: %d code %d status %d pid %d\n", (int)children, last_code, last_status, last_pid == pid);
  tell_status("child", status_of(pid));
  pid = child_that_waits();
  kill(pid, SIGTERM);
  siginfo_t info;
  CHECK(sigwaitinfo(&set, &info) == SIGCHLD);
  printf("sigwaitinfo: code %d status %d pid %d\n", info.si_code, info.si_status, info.si_pid == pid);
  tell_status("child", status_of(pid));
  CHECK(sigprocmask(SIG_SETMASK, &old, NULL) == 0);
}

static void interrupted(void) {
  handle(SIGALRM, 0);
  struct itimerval timer = {.it_value = {0, 50000}};
  const pid_t pid = child_that_waits();
  int status;
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
  printf("wait: %s", error_name(waitpid(pid, &status, 0)));
  siginfo_t info;
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
  printf(" %s, %d alarms\n", error_name(waitid(P_PID, pid, &info, WEXITED)), (int)alarms);
  end_child(pid);

  handle(SIGALRM, SA_RESTART);
  const pid_t slow = forked();
  if (slow == 0) {
    pause_ms(250);
    _exit(8);
  }
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
  const pid_t got = waitpid(slow, &status, 0);
  printf("SA_RESTART: %d, %d alarms, ", got == slow, (int)alarms);
  tell_status("child", status);
}

static void ignored(void) {
  int status;
  signal(SIGCHLD, SIG_IGN);
  child_that_exits(1);
  printf("SIG_IGN: %s\n", error_name(wait(&status)));
  signal(SIGCHLD, SIG_DFL);
  tell_status("default", status_of(child_that_exits(3)));
}

static void inherited(void) {
  sigset_t set, pending, mask;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGALRM);
  CHECK(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
  raise(SIGUSR1);
  kill(getpid(), SIGALRM);
  signal(SIGUSR2, SIG_IGN);
  struct itimerval timer = {.it_value = {1000, 0}, .it_interval = {5, 0}};
  CHECK(setitimer(ITIMER_REAL, &timer, NULL) == 0);
  const pid_t pid = forked();
  if (pid == 0) {
    CHECK(sigpending(&pending) == 0 && sigprocmask(SIG_BLOCK, NULL, &mask) == 0);
    getitimer(ITIMER_REAL, &timer);
    struct sigaction usr2, chld;
    sigaction(SIGUSR2, NULL, &usr2);
    sigaction(SIGALRM, NULL, &chld);
    printf("child: pending %d %d, blocked %d %d %d, timer %d, ignored %d, handler %d\n", sigismember(&pending, SIGUSR1),
           sigismember(&pending, SIGALRM), sigismember(&mask, SIGUSR1), sigismember(&mask, SIGALRM), sigismember(&mask, SIGUSR2),
           timer.it_value.tv_sec > 0, usr2.sa_handler == SIG_IGN, chld.sa_handler == on_alarm);
    fflush(stdout);
    _exit(0);
  }
  tell_status("child", status_of(pid));
  CHECK(sigpending(&pending) == 0);
  getitimer(ITIMER_REAL, &timer);
  printf("parent: pending %d %d, timer %d\n", sigismember(&pending, SIGUSR1), sigismember(&pending, SIGALRM),
         timer.it_value.tv_sec > 0);
  timer = (struct itimerval){0};
  setitimer(ITIMER_REAL, &timer, NULL);
  signal(SIGUSR1, SIG_IGN);
  CHECK(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
}

/* fork in a handler: both come back from it. */
static volatile pid_t made_in_handler;
static void on_fork(int signal) {
  (void)signal;
  made_in_handler = fork();
}

static void in_handler(void) {
  signal(SIGUSR1, on_fork);
  fflush(stdout);
  volatile int local = 5;
  raise(SIGUSR1);
  local++;
  if (made_in_handler == 0) _exit(local * 10);
  tell_status("from a handler", status_of(made_in_handler));
}

/* To groups: from a child to its own group, and to one that is not there. */
static void groups(void) {
  signal(SIGUSR1, SIG_DFL);
  const pid_t pid = forked();
  if (pid == 0) {
    CHECK(setpgid(0, 0) == 0 && getpgrp() == getpid());
    pid_t members[3];
    for (int i = 0; i < 3; i++) members[i] = child_that_waits();
    signal(SIGUSR1, SIG_IGN);
    CHECK(kill(0, SIGUSR1) == 0);
    int right = 0;
    for (int i = 0; i < 3; i++) {
      int status = status_of(members[i]);
      right += WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1;
    }
    _exit(right);
  }
  tell_status("own group", status_of(pid));
  printf("kill: %s", error_name(kill(-(pid + 200000), SIGTERM)));
  printf(" %s", error_name(kill(pid, SIGTERM)));
  printf(" %s", error_name(kill(getpid(), 65)));
  printf(" %s", error_name(kill(getpid(), -1)));
  printf(" %s\n", error_name(kill(0, 0)));
}

int main(void) {
  told();
  interrupted();
  ignored();
  inherited();
  in_handler();
  groups();
  printf("wrong: %d\n", (int)wrong);
  return 0;
}
