/* wait4 and waitid in all their forms; what is told of a child, and by which call it can be told. */
#include <sys/resource.h>
#include <sys/syscall.h>
#include "processes.h"

static void tell_info(const char *what, int result, const siginfo_t *info, pid_t pid) {
  printf("%s: %s signo %d code %d status %d pid %s uid %d errno %d\n", what, error_name(result), info->si_signo, info->si_code,
         info->si_status, info->si_pid == pid ? "same" : info->si_pid == 0 ? "0" : "other", info->si_uid == getuid(), info->si_errno);
}

static void exits(void) {
  static const int statuses[] = {0, 1, 127, 128, 255, 256, -1, 0x12345};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) tell_status("exits", status_of(child_that_exits(statuses[i])));
  static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGKILL, SIGSEGV, SIGTERM, SIGUSR1, SIGALRM, SIGPIPE, 34, 60};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
    const pid_t pid = child_that_waits();
    CHECK(kill(pid, signals[i]) == 0);
    tell_status("killed", status_of(pid));
  }
  pid_t pid = forked();
  if (pid == 0) abort();
  tell_status("aborts", status_of(pid));
  pid = forked();
  if (pid == 0) *(volatile int *)16 = 1;
  tell_status("null pointer", status_of(pid));
  pid = forked();
  if (pid == 0) {
    signal(SIGTERM, SIG_DFL);
    raise(SIGTERM);
  }
  tell_status("raises", status_of(pid));
}

static void errors(void) {
  int status;
  siginfo_t info;
  printf("no child: %s", error_name(waitpid(-1, &status, 0)));
  printf(" %s", error_name(waitpid(-1, &status, WNOHANG)));
  printf(" %s", error_name(waitpid(getpid(), &status, 0)));
  printf(" %s", error_name(waitpid(0, &status, 0)));
  printf(" %s", error_name(waitid(P_ALL, 0, &info, WEXITED)));
  printf(" %s\n", error_name(waitid(P_PID, 1, &info, WEXITED | WNOHANG)));
  const pid_t pid = child_that_waits();
  printf("options: %s", error_name(waitpid(-1, &status, 0x100)));
  printf(" %s", error_name(waitpid(-1, &status, WEXITED)));
  printf(" %s", error_name(waitid(P_ALL, 0, &info, 0)));
  printf(" %s", error_name(waitid(P_ALL, 0, &info, WNOHANG)));
  printf(" %s", error_name(waitid(7, 0, &info, WEXITED)));
  printf(" %s", error_name(waitid(P_PID, 0, &info, WEXITED)));
  printf(" %s", error_name(waitid(P_PID, (id_t)-5, &info, WEXITED)));
  printf(" %s\n", error_name(waitid(P_ALL, 0, &info, WEXITED | 0x100)));
  printf("others: %s", error_name(waitpid(pid + 100000, &status, 0)));
  printf(" %s", error_name(waitpid(-(pid + 100000), &status, 0)));
  printf(" %s\n", error_name(waitpid(-1, &status, __WCLONE | WNOHANG)));
  end_child(pid);
}

static void hang(void) {
  int status = 77;
  siginfo_t info;
  const pid_t pid = child_that_waits();
  printf("WNOHANG: %d", waitpid(-1, &status, WNOHANG));
  printf(" %d", waitpid(pid, &status, WNOHANG | __WALL));
  printf(" %d, status %d\n", waitpid(0, &status, WNOHANG | WUNTRACED | WCONTINUED), status);
  memset(&info, 1, sizeof info);
  const int result = waitid(P_PID, pid, &info, WEXITED | WNOHANG);
  printf("waitid WNOHANG: %d signo %d pid %d\n", result, info.si_signo, info.si_pid);
  end_child(pid);
}

static void looks(void) {
  siginfo_t info;
  pid_t pid = child_that_exits(42);
  for (int i = 0; i < 3; i++) tell_info("WNOWAIT", waitid(P_PID, pid, &info, WEXITED | WNOWAIT), &info, pid);
  tell_info("taken", waitid(P_ALL, 0, &info, WEXITED), &info, pid);
  memset(&info, 0, sizeof info);
  tell_info("gone", waitid(P_PID, pid, &info, WEXITED), &info, pid);
  pid = child_that_waits();
  kill(pid, SIGTERM);
  tell_info("killed", waitid(P_PGID, getpgrp(), &info, WEXITED), &info, pid);
  struct rusage usage;
  memset(&usage, 1, sizeof usage);
  pid = child_that_exits(3);
  int status;
  printf("wait4: %d", wait4(pid, &status, 0, &usage) == pid);
  printf(" %ld\n", usage.ru_nsignals);
  pid = child_that_exits(4);
  printf("without status: %d\n", waitpid(pid, NULL, 0) == pid);
  pid = child_that_exits(5);
  CHECK(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL) == 0);
  pid = child_that_exits(6);
  printf("bad status: %s", error_name(waitpid(pid, (int *)1, 0)));
  printf(", then %s\n", error_name(waitpid(pid, NULL, 0)));
}

static void groups(void) {
  int status;
  pid_t own = child_that_waits();
  pid_t leader = child_that_waits();
  CHECK(setpgid(leader, leader) == 0 && getpgid(leader) == leader);
  pid_t member = child_that_waits();
  CHECK(setpgid(member, leader) == 0);
  printf("group WNOHANG: %d %d\n", waitpid(-leader, &status, WNOHANG), waitpid(0, &status, WNOHANG));
  CHECK(kill(-leader, SIGUSR2) == 0);
  for (int i = 0; i < 2; i++) {
    const pid_t got = waitpid(-leader, &status, 0);
    printf("of the group: %d, ", got == leader || got == member);
    tell_status("ended", status);
  }
  printf("group is empty: %s", error_name(waitpid(-leader, &status, 0)));
  printf(" %s\n", error_name(kill(-leader, 0)));
  kill(own, SIGUSR1);
  printf("own group: %d ", waitpid(0, &status, 0) == own);
  tell_status("ended", status);
}

static void zombies(void) {
  const pid_t pid = child_that_exits(9);
  siginfo_t info;
  CHECK(waitid(P_PID, pid, &info, WEXITED | WNOWAIT) == 0);
  printf("a zombie: kill %s", error_name(kill(pid, 0)));
  printf(" %s", error_name(kill(pid, SIGKILL)));
  printf(" getpgid %d", getpgid(pid) == getpgrp());
  printf(" getsid %d\n", getsid(pid) == getsid(0));
  tell_status("zombie", status_of(pid));
  printf("gone: kill %s\n", error_name(kill(pid, 0)));
}

static void many(void) {
  enum { count = 20 };
  pid_t pids[count];
  int seen[count] = {0}, status;
  for (int i = 0; i < count; i++) pids[i] = child_that_exits(i);
  for (int i = 0; i < count; i++) {
    const pid_t got = wait(&status);
    for (int k = 0; k < count; k++)
      if (pids[k] == got) seen[k] += WEXITSTATUS(status) == k;
  }
  int right = 0;
  for (int i = 0; i < count; i++) right += seen[i];
  printf("many: %d of %d, then %s\n", right, count, error_name(wait(&status)));
}

/* A grandchild outlives its parent: it belongs to somebody else then, and its end is nobody's here. */
static void orphans(void) {
  int ends[2], ready[2];
  CHECK(pipe(ends) == 0 && pipe(ready) == 0);
  const pid_t before = getpid();
  const pid_t pid = forked();
  if (pid == 0) {
    const pid_t middle = getpid();
    if (fork() == 0) {
      char byte;
      close(ready[1]);
      CHECK(read(ready[0], &byte, 1) == 0);
      const pid_t parent = getppid();
      const char told = parent != middle && parent != before ? 'y' : 'n';
      CHECK(write(ends[1], &told, 1) == 1);
      _exit(1);
    }
    _exit(getppid() == before ? 0 : 1);
  }
  tell_status("middle", status_of(pid));
  close(ready[1]);
  char told = '?';
  CHECK(read(ends[0], &told, 1) == 1);
  printf("orphan has another parent: %c; %s\n", told, error_name(wait(NULL)));
}

int main(void) {
  exits();
  errors();
  hang();
  looks();
  groups();
  zombies();
  many();
  orphans();
  return 0;
}
