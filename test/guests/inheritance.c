/* What children share with their parent and what is theirs: descriptors, offsets, pipes, umask, directory, ids. */
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include "processes.h"

static void offsets(void) {
  char buffer[64] = "";
  const int fd = open("offsets", O_RDWR | O_CREAT | O_TRUNC, 0644);
  CHECK(write(fd, "0123456789", 10) == 10 && lseek(fd, 2, SEEK_SET) == 2);
  pid_t pid = forked();
  if (pid == 0) {
    CHECK(read(fd, buffer, 3) == 3);
    _exit(memcmp(buffer, "234", 3));
  }
  tell_status("reads", status_of(pid));
  printf("offset %d\n", (int)lseek(fd, 0, SEEK_CUR));
  pid = forked();
  if (pid == 0) {
    lseek(fd, 0, SEEK_END);
    CHECK(write(fd, "child", 5) == 5);
    close(fd);
    _exit(0);
  }
  tell_status("writes", status_of(pid));
  CHECK(write(fd, "parent", 6) == 6);
  printf("%d bytes: ", (int)lseek(fd, 0, SEEK_END));
  CHECK(pread(fd, buffer, sizeof buffer, 0) == 21);
  printf("%.21s\n", buffer);
  close(fd);
}

static void appends(void) {
  enum { writers = 4, lines = 50 };
  const int own = open("appended", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0644);
  pid_t pids[writers];
  for (int i = 0; i < writers; i++) {
    pids[i] = forked();
    if (pids[i]) continue;
    const int fd = open("appended", O_WRONLY | O_APPEND);
    char line[16];
    for (int k = 0; k < lines; k++) {
      const int length = snprintf(line, sizeof line, "%d:%04d\n", i, k);
      CHECK(write(k & 1 ? fd : own, line, length) == length);
    }
    _exit(0);
  }
  for (int i = 0; i < writers; i++) CHECK(status_of(pids[i]) == 0);
  FILE *file = fopen("appended", "r");
  int next[writers] = {0}, who, number, good = 0;
  while (fscanf(file, "%d:%d\n", &who, &number) == 2) good += next[who]++ == number;
  fclose(file);
  close(own);
  unlink("appended");
  printf("appended: %d lines in order\n", good);
}

static void pipes(void) {
  int ends[2];
  char buffer[100];
  CHECK(pipe(ends) == 0);
  pid_t pid = forked();
  if (pid == 0) {
    close(ends[0]);
    for (int i = 0; i < 1000; i++) CHECK(write(ends[1], "0123456789", 10) == 10);
    _exit(0);
  }
  close(ends[1]);
  int total = 0, got;
  while ((got = read(ends[0], buffer, sizeof buffer)) > 0) total += got;
  printf("read %d bytes, then end of file\n", total);
  close(ends[0]);
  tell_status("writer", status_of(pid));

  CHECK(pipe(ends) == 0);
  pid = forked();
  if (pid == 0) {
    close(ends[0]);
    signal(SIGPIPE, SIG_DFL);
    for (;;)
      if (write(ends[1], buffer, sizeof buffer) < 0) _exit(1);
  }
  close(ends[0]);
  close(ends[1]);
  tell_status("no reader", status_of(pid));

  /* A ring of processes: a byte goes round and comes back. */
  enum { ring = 5 };
  int first[2], in, next[2];
  CHECK(pipe(first) == 0);
  in = first[0];
  pid_t pids[ring];
  for (int i = 0; i < ring; i++) {
    CHECK(pipe(next) == 0);
    pids[i] = forked();
    if (pids[i] == 0) {
      unsigned char byte;
      close(first[1]);
      close(next[0]);
      while (read(in, &byte, 1) == 1) {
        byte++;
        CHECK(write(next[1], &byte, 1) == 1);
      }
      _exit(i);
    }
    close(in);
    close(next[1]);
    in = next[0];
  }
  unsigned char byte = 0;
  for (int i = 0; i < 20; i++) CHECK(write(first[1], &byte, 1) == 1 && read(in, &byte, 1) == 1);
  close(first[1]);
  printf("ring: %d, then %d\n", byte, (int)read(in, &byte, 1));
  for (int i = 0; i < ring; i++) CHECK(WEXITSTATUS(status_of(pids[i])) == i);
  close(in);
}

static void tables(void) {
  const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int top = fd + 20;
  pid_t pid = forked();
  if (pid == 0) {
    CHECK(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_SETFD, 0) == 0 && dup2(fd, top) == top);
    close(fd);
    _exit(0);
  }
  tell_status("changes its table", status_of(pid));
  printf("ours: %d", fcntl(fd, F_GETFD));
  printf(" %s\n", error_name(fcntl(top, F_GETFD)));
  CHECK(fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  pid = forked();
  if (pid == 0) _exit((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
  tell_status("flags of the description", status_of(pid));
  close(fd);
}

static void places(void) {
  char before[4096], after[4096];
  CHECK(getcwd(before, sizeof before) != NULL);
  mkdir("inner", 0755);
  umask(022);
  pid_t pid = forked();
  if (pid == 0) {
    CHECK(chdir("inner") == 0 && umask(077) == 022);
    close(open("made", O_CREAT | O_WRONLY, 0666));
    _exit(0);
  }
  tell_status("moves", status_of(pid));
  close(open("made", O_CREAT | O_WRONLY, 0666));
  struct stat inner, outer;
  CHECK(getcwd(after, sizeof after) != NULL && stat("inner/made", &inner) == 0 && stat("made", &outer) == 0);
  printf("same directory %d, modes %o %o, umask %o\n", strcmp(before, after) == 0, inner.st_mode & 0777, outer.st_mode & 0777,
         umask(022));
  unlink("inner/made");
  unlink("made");
  rmdir("inner");
}

static void ids(void) {
  const pid_t parent = getpid(), group = getpgrp(), session = getsid(0);
  struct rlimit limit = {100, 200};
  CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
  const pid_t pid = forked();
  if (pid == 0) {
    getrlimit(RLIMIT_NOFILE, &limit);
    printf("child: parent %d group %d session %d own %d limit %d\n", getppid() == parent, getpgrp() == group,
           getsid(0) == session, getpid() != parent, (int)limit.rlim_cur);
    limit.rlim_cur = 50;
    CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    printf("setpgid: %s", error_name(setpgid(0, 0)));
    printf(" %d, setsid: %s", getpgrp() == getpid(), error_name(setsid()));
    fflush(stdout);
    const pid_t inner = fork();
    if (inner == 0) {
      const pid_t sid = setsid();
      printf(" %d %d %d", sid == getpid(), getsid(0) == sid, getpgrp() == sid);
      printf(", setpgid: %s", error_name(setpgid(0, 0)));
      printf(" %s", error_name(setpgid(getppid(), 0)));
      printf(" %s", error_name(setpgid(0, -3)));
      printf(" %s\n", error_name(getpgid(getpid() + 100000)));
      fflush(stdout);
      _exit(0);
    }
    _exit(status_of(inner));
  }
  tell_status("child", status_of(pid));
  getrlimit(RLIMIT_NOFILE, &limit);
  printf("limit %d\n", (int)limit.rlim_cur);
  const pid_t sleeper = forked();
  if (sleeper == 0) {
    setsid();
    for (;;) pause();
  }
  while (getsid(sleeper) == session) usleep(1000);
  printf("of another session: %s\n", error_name(setpgid(sleeper, group)));
  end_child(sleeper);
}

int main(void) {
  offsets();
  appends();
  pipes();
  tables();
  places();
  ids();
  return 0;
}
