/*
 * execve: what is found, what is kept, what is refused. It runs programs that PATH has (sh, cat, env, sleep), since the
 * one that judges can run the host's programs only. /bin/sh is a shell.
 */
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include "processes.h"

extern char **environ;

static void failed(void) {
  printf("exec: %s\n", strerrorname_np(errno));
  fflush(stdout);
  _exit(99);
}

/* In a child: exec by PATH. */
#define RUN(what, setup, ...)                   \
  do {                                          \
    const pid_t pid_ = forked();                \
    if (pid_ == 0) {                            \
      setup;                                    \
      char *const argv_[] = {__VA_ARGS__, NULL}; \
      execvp(argv_[0], argv_);                  \
      failed();                                 \
    }                                           \
    tell_status(what, status_of(pid_));         \
  } while (0)

/* The error of an exec that must fail. */
static void refused(const char *what, const char *path, char *const argv[]) {
  printf("%s: %s\n", what, error_name(execve(path, argv, environ)));
}

static void make(const char *path, const char *text, mode_t mode) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(fd, mode) == 0 && close(fd) == 0);
}

static void errors(void) {
  char *const argv[] = {"x", NULL};
  char long_path[5000], *big = malloc(200000);
  memset(long_path, 'a', sizeof long_path - 1);
  long_path[sizeof long_path - 1] = 0;
  make("plain", "exit 0\n", 0755);
  make("empty", "", 0755);
  make("closed", "#!/bin/sh\n", 0644);
  symlink("loop", "loop");
  symlink("nowhere", "dangling");
  mkdir("folder", 0755);
  refused("missing", "./missing", argv);
  refused("no name", "", argv);
  refused("below a file", "./plain/x", argv);
  refused("folder", "./folder", argv);
  refused("not executable", "./closed", argv);
  refused("text", "./plain", argv);
  refused("empty", "./empty", argv);
  refused("loop", "./loop", argv);
  refused("dangling", "./dangling", argv);
  refused("long", long_path, argv);
  refused("bad path", (char *)1, argv);
  refused("bad argv", "./plain", (char **)1);
  refused("bad argument", "./plain", (char *[]){"x", (char *)1, NULL});
  memset(big, 'b', 199999);
  big[199999] = 0;
  refused("one long argument", "./plain", (char *[]){"x", big, NULL});
  big[120000] = 0;
  char **many = calloc(41, sizeof *many);
  for (int i = 0; i < 40; i++) many[i] = big;
  refused("long arguments", "/bin/sh", many);
  free(big);
  free(many);
}

static void script(const char *name, const char *line) {
  char path[300], *const argv[] = {path, "one", "two words", NULL};
  snprintf(path, sizeof path, "./%s", name);
  make(name, line, 0755);
  fflush(stdout);
  const pid_t pid = forked();
  if (pid == 0) {
    execv(path, argv);
    failed();
  }
  tell_status(name, status_of(pid));
}

static void scripts(void) {
  const char *shell = "/bin/sh";
  char text[1000];
  snprintf(text, sizeof text, "#!%s\necho \"$0 $# $2\"; exit 4\n", shell);
  script("simple", text);
  snprintf(text, sizeof text, "#! \t%s -e \t \necho before; false; echo after\n", shell);
  script("argument", text);
  snprintf(text, sizeof text, "#!%s -c echo\n", shell);
  script("one-argument", text);
  script("no-interpreter", "#!/nowhere/at/all\n");
  script("bare", "#!\n");
  script("blank", "#!   \n");
  script("folder-interpreter", "#!./folder\n");
  script("closed-interpreter", "#!./closed\n");
  script("text-interpreter", "#!./plain\n");
  snprintf(text, sizeof text, "#!%s", shell);
  script("no-newline", text);
  memset(text, 'x', sizeof text - 1);
  memcpy(text, "#!/", 3);
  text[sizeof text - 1] = 0;
  script("long-line", text);
  snprintf(text, sizeof text, "#!%s\necho \"$#\"; exit 5\n", shell);
  make("level0", text, 0755);
  for (int level = 1; level < 7; level++) {
    char name[20];
    snprintf(name, sizeof name, "level%d", level);
    snprintf(text, sizeof text, "#!./level%d\n", level - 1);
    script(name, text);
  }
}

static void on_signal(int signal) { (void)signal; }

static void kept(void) {
  int ends[2];
  char byte = 'x', *path = realpath("/bin/sh", NULL);
  RUN("status", , "sh", "-c", "echo from sh; exit 3");
  RUN("arguments", , "sh", "-c", "echo \"$# $0 $2\"", "zero", "one", "two  words", "");
  RUN("command line", , "cat", "/proc/self/cmdline");
  RUN("name", , "cat", "/proc/self/comm");
  RUN("ended", , "sh", "-c", "kill -TERM $$; sleep 5");

  char *bare[] = {"A=1", "B=two words", "A=again", "EMPTY=", NULL};
  fflush(stdout);
  const pid_t pid = fork();
  if (pid == 0) {
    setenv("ENV_PATH", "", 1);
    char *const argv[] = {"env", NULL};
    execvpe("env", argv, bare);
    failed();
  }
  tell_status("environment", status_of(pid));

  RUN("ignored signal", signal(SIGUSR1, SIG_IGN), "sh", "-c", "kill -USR1 $$; echo survives");
  RUN("handler is gone", signal(SIGUSR1, on_signal), "sh", "-c", "kill -USR1 $$; echo survives");
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  RUN("blocked signal", sigprocmask(SIG_BLOCK, &set, NULL), "env", "sh", "-c", "kill -USR1 $$; echo survives");
  RUN("pending signal", (sigprocmask(SIG_BLOCK, &set, NULL), raise(SIGUSR1)), "cat", "/dev/null");
  RUN("alarm", alarm(1), "sleep", "20");
  RUN("mask of files", umask(027), "sh", "-c", "umask; : > masked; test -r masked && rm masked");
  RUN("directory", chdir("folder"), "sh", "-c", "test \"$(basename \"$(pwd)\")\" = folder");

  CHECK(pipe2(ends, O_CLOEXEC) == 0 && dup2(ends[1], 9) == 9 && fcntl(ends[1], F_GETFD) == FD_CLOEXEC);
  RUN("descriptors", dup2(ends[1], 8); fcntl(8, F_SETFD, FD_CLOEXEC), "sh", "-c", "echo kept >&9; (echo no >&8) 2>/dev/null || echo closed");
  close(9);
  char text[20] = "";
  CHECK(read(ends[0], text, sizeof text) == 5);
  printf("through 9: %s", text);
  RUN("no input", close(0), "sh", "-c", "cat 2>/dev/null || echo none");

  /* A descriptor that exec closes tells that exec has been; from then on the parent may not move the child. */
  close(ends[0]);
  close(ends[1]);
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  const pid_t sleeper = forked();
  if (sleeper == 0) {
    execlp("sleep", "sleep", "30", NULL);
    failed();
  }
  close(ends[1]);
  CHECK(read(ends[0], &byte, 1) == 0);
  close(ends[0]);
  printf("too late: %s\n", error_name(setpgid(sleeper, sleeper)));
  end_child(sleeper);

  const int shell = open(path, O_RDONLY | O_CLOEXEC);
  const pid_t by_descriptor = forked();
  if (by_descriptor == 0) {
    char *const argv[] = {"sh", "-c", "echo by descriptor", NULL};
    fexecve(shell, argv, environ);
    failed();
  }
  tell_status("fexecve", status_of(by_descriptor));
  free(path);
}

/* ---- threads ---- */

static int never[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void *spins(void *argument) {
  for (volatile int i = 0;; i++) {}
}
static void *reads(void *argument) {
  char byte;
  return (void *)read(never[0], &byte, 1);
}
static void *waits(void *argument) {
  pthread_mutex_lock(&lock);
  pthread_mutex_lock(&lock);
  return NULL;
}
static void *calls(void *argument) {
  for (;;) getppid(), sched_yield();
}
static void *makes(void *argument) {
  pthread_t thread;
  for (;;)
    if (pthread_create(&thread, NULL, calls, NULL) == 0 && pthread_join(thread, NULL) == 0) {}
}
static void *maps(void *argument) {
  for (;;) munmap(mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 8192);
}
static void *runs(void *text) {
  char number[20];
  usleep(1000);
  snprintf(number, sizeof number, "%d", getpid());
  execlp("sh", "sh", "-c", text, "sh", number, NULL);
  failed();
}
static void *exits(void *argument) {
  usleep(1000);
  _exit(7);
}

typedef void *(*Work)(void *);
static int with_threads(const Work *works, const char *text) {
  const pid_t pid = forked();
  if (pid == 0) {
    pthread_t thread;
    CHECK(pipe(never) == 0);
    for (int i = 0; works[i]; i++) pthread_create(&thread, NULL, works[i], (void *)text);
    for (;;) pause();
  }
  return status_of(pid);
}

static void threads(void) {
  const char *same = "test $$ = $1 && echo the same number; exit 6";
  tell_status("from a thread", with_threads((const Work[]){spins, reads, waits, calls, maps, makes, runs, NULL}, same));
  fflush(stdout);
  tell_status("one of two", with_threads((const Work[]){calls, runs, runs, NULL}, same));
  int right = 0;
  for (int i = 0; i < 3; i++) {
    const int status = with_threads((const Work[]){runs, calls, exits, NULL}, "exit 6");
    right += WIFEXITED(status) && (WEXITSTATUS(status) == 6 || WEXITSTATUS(status) == 7);
  }
  printf("with an end at the same time: %d of 3\n", right);
  right = 0;
  for (int i = 0; i < 6; i++) {
    const pid_t pid = forked();
    if (pid == 0) {
      execlp("sh", "sh", "-c", "exit 6", NULL);
      failed();
    }
    usleep(i * 2000);
    kill(pid, SIGKILL);
    const int status = status_of(pid);
    right += WIFEXITED(status) ? WEXITSTATUS(status) == 6 : WTERMSIG(status) == SIGKILL;
  }
  printf("killed meanwhile: %d of 6\n", right);
}

/* ---- vfork, posix_spawn ---- */

static void spawned(const char *what, const char *file, posix_spawn_file_actions_t *actions, posix_spawnattr_t *attributes,
                    const char *text) {
  pid_t pid;
  char *const argv[] = {"sh", "-c", (char *)text, NULL};
  fflush(stdout);
  const int error = posix_spawnp(&pid, file, actions, attributes, argv, environ);
  if (error) printf("%s: %s\n", what, strerrorname_np(error));
  else tell_status(what, status_of(pid));
}

static void spawns(void) {
  fflush(stdout);
  pid_t pid = vfork();
  if (pid == 0) _exit(11);
  tell_status("vfork", status_of(pid));
  pid = vfork();
  if (pid == 0) {
    execlp("sh", "sh", "-c", "exit 12", NULL);
    _exit(99);
  }
  tell_status("vfork and exec", status_of(pid));
  pid = vfork();
  if (pid == 0) {
    execlp("./missing", "x", NULL);
    _exit(errno == ENOENT ? 13 : 99);
  }
  tell_status("vfork and no exec", status_of(pid));

  spawned("spawned", "sh", NULL, NULL, "echo spawned; exit 14");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "made", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_adddup2(&actions, 1, 5);
  posix_spawn_file_actions_addclose(&actions, 0);
  spawned("file actions", "sh", &actions, NULL, "echo one; echo two >&5; cat 2>/dev/null || echo closed");
  RUN("made", , "cat", "made");
  posix_spawnattr_t attributes;
  sigset_t set;
  sigfillset(&set);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setsigdefault(&attributes, &set);
  signal(SIGUSR1, SIG_IGN);
  spawned("attributes", "sh", NULL, &attributes, "kill -USR1 $$; echo survives");
  spawned("a group of its own", "sh", NULL, &attributes, "kill -TERM 0; sleep 5");
  signal(SIGUSR1, SIG_DFL);

  fflush(stdout);
  printf("system %d", WEXITSTATUS(system("exit 15")));
  printf(" %d\n", WTERMSIG(system("kill -9 $$")));
  fflush(stdout);
  FILE *pipe = popen("echo piped; exit 16", "r");
  char line[50] = "";
  fgets(line, sizeof line, pipe);
  printf("%sclose %d\n", line, WEXITSTATUS(pclose(pipe)));
  fflush(stdout);
  pipe = popen("cat", "w");
  fputs("to cat\n", pipe);
  printf("close %d\n", pclose(pipe));
}

/* What is told of only where the memory is shared until exec. */
static void spawn_errors(void) {
  volatile int shared = 1;
  fflush(stdout);
  const pid_t pid = vfork();
  if (pid == 0) {
    shared = 2;
    _exit(0);
  }
  tell_status("vfork", status_of(pid));
  printf("in the same memory: %d\n", shared);
  spawned("nothing to spawn", "no-such-program-at-all", NULL, NULL, "");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 4, "./folder/none/x", O_RDONLY, 0);
  spawned("bad action", "sh", &actions, NULL, "echo never");
}

int main(int count, char **words) {
  const char *part = count > 1 ? words[1] : "";
  if (!strcmp(part, "errors")) errors();
  if (!strcmp(part, "scripts")) errors(), scripts();
  if (!strcmp(part, "kept")) mkdir("folder", 0755), kept();
  if (!strcmp(part, "threads")) threads();
  if (!strcmp(part, "spawns")) spawns();
  if (!strcmp(part, "spawn-errors")) spawn_errors();
  fflush(stdout);
  return 0;
}
