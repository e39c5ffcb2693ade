/* What the programs about processes share: forks that must succeed, children that say how they end. */
#ifndef PROCESSES_H
#define PROCESSES_H

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include "guest.h"

/* A process that inherits nothing to print twice. */
static inline pid_t forked(void) {
  fflush(stdout);
  const pid_t pid = fork();
  CHECK(pid >= 0);
  return pid;
}

/* A child that ends at once with `status`. */
static inline pid_t child_that_exits(int status) {
  const pid_t pid = forked();
  if (pid == 0) _exit(status);
  return pid;
}

/* A child that waits for a signal to end it. */
static inline pid_t child_that_waits(void) {
  const pid_t pid = forked();
  if (pid == 0)
    for (;;) pause();
  return pid;
}

/* A status word without numbers that differ from run to run. */
static inline void tell_status(const char *what, int status) {
  if (WIFEXITED(status)) printf("%s: exit %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("%s: signal %d\n", what, WTERMSIG(status));
  else printf("%s: status %#x\n", what, status);
}

/* Waits for one child. */
static inline int status_of(pid_t pid) {
  int status = -1;
  pid_t got;
  do got = waitpid(pid, &status, 0);
  while (got < 0 && errno == EINTR);
  CHECK(got == pid);
  return status;
}

/* Ends a child and waits for it. */
static inline void end_child(pid_t pid) {
  CHECK(kill(pid, SIGKILL) == 0);
  CHECK(WTERMSIG(status_of(pid)) == SIGKILL);
}

static inline const char *error_name(int result) { return result < 0 ? strerrorname_np(errno) : "0"; }

#endif
