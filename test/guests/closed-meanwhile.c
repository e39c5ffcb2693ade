/* Descriptors that are closed or given another meaning while threads wait in calls on them: a call goes on with the open
 * file that it began with, which is closed when the last such call is over, or the process. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include "processes.h"

enum { LONG = 200000, BEGUN_US = 150000 };

static int ends[2];
static volatile int begins;
static char bytes[LONG];

static void *reads(void *unused) {
  char text[9] = "";
  begins = 1;
  const long got = read(ends[0], text, 8);
  printf("  read %ld \"%s\"\n", got, text);
  return unused;
}

static void *writes(void *unused) {
  begins = 1;
  printf("  wrote %ld\n", (long)write(ends[1], bytes, LONG));
  return unused;
}

/* A thread that waits in its call by now, most likely. */
static pthread_t begun(void *(*call)(void *)) {
  pthread_t thread;
  begins = 0;
  pthread_create(&thread, NULL, call, NULL);
  while (!begins) sched_yield();
  usleep(BEGUN_US);
  return thread;
}

static void tell(const char *what, long result) { printf("  %s: %s\n", what, error_name(result)); }

static void reader_closed(void) {
  puts("a pipe's reader is closed");
  CHECK(pipe(ends) == 0);
  const pthread_t thread = begun(reads);
  close(ends[0]);
  const long written = write(ends[1], "late", 4);
  pthread_join(thread, NULL);
  tell("write", written);
  tell("write again", write(ends[1], "late", 4));
  close(ends[1]);
}

static void counter_closed(void) {
  ends[0] = eventfd(0, 0), ends[1] = dup(ends[0]);
  puts("an event counter is closed");
  const pthread_t thread = begun(reads);
  close(ends[0]);
  const long written = write(ends[1], "A\0\0\0\0\0\0", 8);
  pthread_join(thread, NULL);
  tell("write", written);
  close(ends[1]);
}

static void reader_replaced(void) {
  puts("a pipe's reader is replaced");
  CHECK(pipe(ends) == 0);
  const pthread_t thread = begun(reads);
  const int zeros = open("/dev/zero", O_RDONLY);
  CHECK(dup2(zeros, ends[0]) == ends[0] && close(zeros) == 0);
  const long written = write(ends[1], "late", 4);
  pthread_join(thread, NULL);
  tell("write", written);
  close(ends[0]), close(ends[1]);
}

static void writer_closed(void) {
  puts("a pipe's writer is closed");
  CHECK(pipe(ends) == 0);
  const pthread_t thread = begun(writes);
  close(ends[1]);
  long all = 0;
  for (long got; (got = read(ends[0], bytes, LONG)) > 0;) all += got;
  pthread_join(thread, NULL);
  printf("  got %ld\n", all);
  close(ends[0]);
}

/* What threads of a process that ends wait for is closed with it. */
static void ended(int how) {
  printf("a process ends, %d\n", how);
  CHECK(pipe(ends) == 0);
  const pid_t pid = forked();
  if (pid == 0) {
    close(ends[!how]);
    begun(how ? writes : reads);
    close(ends[how]);
    _exit(3);
  }
  close(ends[how]);
  tell_status("  child", status_of(pid));
  if (how) {
    long all = 0;
    for (long got; (got = read(ends[0], bytes, LONG)) > 0;) all += got;
    printf("  something came, and the end: %d\n", all > 0 && all < LONG);
  } else tell("write", write(ends[1], "late", 4));
  close(ends[!how]);
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  reader_closed();
  counter_closed();
  reader_replaced();
  writer_closed();
  ended(0);
  ended(1);
  return 0;
}
