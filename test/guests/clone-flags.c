/* What clone shares by its flags, one at a time; qemu-arm has fork and threads only. And SA_NOCLDWAIT. */
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include "processes.h"

static char stack[65536] __attribute__((aligned(16)));
static volatile int word;
static int descriptor;

static int writes_word(void *argument) { return word = 5; }
static int closes(void *argument) { return close(descriptor) == 0 ? 6 : 1; }
static int moves(void *argument) {
  umask(077);
  return chdir("/") == 0 ? 7 : 1;
}
static int tells_parent(void *parent) { return getppid() == (pid_t)(intptr_t)parent ? 8 : 1; }
static int handles(void *argument) {
  signal(SIGUSR2, SIG_IGN);
  return 9;
}

static pid_t cloned(int (*run)(void *), int flags, void *argument) {
  fflush(stdout);
  const pid_t pid = clone(run, stack + sizeof stack, flags, argument);
  CHECK(pid > 0);
  return pid;
}

int main(void) {
  char directory[4096] = "";
  tell_status("nothing shared", status_of(cloned(writes_word, SIGCHLD, NULL)));
  printf("word %d\n", word);
  tell_status("CLONE_VM", status_of(cloned(writes_word, CLONE_VM | SIGCHLD, NULL)));
  printf("word %d\n", word);
  descriptor = open("/dev/null", O_RDONLY);
  tell_status("descriptors apart", status_of(cloned(closes, SIGCHLD, NULL)));
  printf("open %d\n", fcntl(descriptor, F_GETFD) >= 0);
  tell_status("CLONE_FILES", status_of(cloned(closes, CLONE_FILES | SIGCHLD, NULL)));
  printf("open %d\n", fcntl(descriptor, F_GETFD) >= 0);
  tell_status("directories apart", status_of(cloned(moves, SIGCHLD, NULL)));
  printf("moved %d\n", strcmp(getcwd(directory, sizeof directory), "/") == 0);
  tell_status("CLONE_FS", status_of(cloned(moves, CLONE_FS | SIGCHLD, NULL)));
  printf("moved %d, umask %o\n", strcmp(getcwd(directory, sizeof directory), "/") == 0, umask(022));
  tell_status("CLONE_SIGHAND", status_of(cloned(handles, CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL)));
  struct sigaction action;
  sigaction(SIGUSR2, NULL, &action);
  printf("ignored %d\n", action.sa_handler == SIG_IGN);

  /* Its parent is ours: who makes it has no child. */
  const pid_t parent = getpid();
  const pid_t middle = forked();
  if (middle == 0) {
    const pid_t sibling = cloned(tells_parent, CLONE_PARENT | SIGCHLD, (void *)(intptr_t)parent);
    _exit(waitpid(sibling, NULL, 0) < 0 && errno == ECHILD ? 10 : 1);
  }
  tell_status("its maker", status_of(middle));
  int status;
  CHECK(wait(&status) > 0);
  tell_status("CLONE_PARENT", status);

  /* No signal at the end: only __WCLONE and __WALL find it. */
  pid_t pid = cloned(writes_word, 0, NULL);
  printf("no signal: %s", error_name(waitpid(pid, &status, 0)));
  printf(", __WCLONE %d\n", waitpid(pid, &status, __WCLONE) == pid);
  pid = cloned(writes_word, 0, NULL);
  printf("__WALL %d\n", waitpid(-1, &status, __WALL) == pid);
  printf("CLONE_SIGHAND alone: %s", error_name(clone(writes_word, stack + sizeof stack, CLONE_SIGHAND | SIGCHLD, NULL)));
  printf(", CLONE_THREAD alone: %s\n", error_name(clone(writes_word, stack + sizeof stack, CLONE_THREAD, NULL)));

  action = (struct sigaction){.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
  sigaction(SIGCHLD, &action, NULL);
  child_that_exits(2);
  printf("SA_NOCLDWAIT: %s\n", error_name(wait(NULL)));
  return 0;
}
