/* Processes made by programs of many threads: the child has one thread, with the memory as it was; ends of both. */
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include "processes.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int stopping, in_prepare, in_parent, in_child;
static int guarded[2];

static void prepare(void) {
  pthread_mutex_lock(&lock);
  in_prepare++;
}
static void parent(void) {
  in_parent++;
  pthread_mutex_unlock(&lock);
}
static void child(void) {
  in_child++;
  pthread_mutex_unlock(&lock);
}

/* Two words that are equal whenever the lock is free. */
static void *changes(void *argument) {
  (void)argument;
  while (!stopping) {
    pthread_mutex_lock(&lock);
    guarded[0]++;
    guarded[1]++;
    pthread_mutex_unlock(&lock);
    free(malloc(1000));
  }
  return NULL;
}

static void *maps(void *argument) {
  (void)argument;
  while (!stopping) {
    char *pages = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    pages[0] = pages[4 * 4096] = 1;
    CHECK(mprotect(pages, 4096, PROT_READ) == 0 && munmap(pages, 5 * 4096) == 0);
  }
  return NULL;
}

static void *forks(void *count) {
  for (int i = 0; i < (int)(intptr_t)count; i++) {
    const pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
      pthread_mutex_lock(&lock);
      char *block = malloc(5000);
      memset(block, i, 5000);
      _exit(guarded[0] == guarded[1] && block[4999] == i && in_child == 1 ? 10 + i : 1);
    }
    CHECK(WEXITSTATUS(status_of(pid)) == 10 + i);
  }
  return count;
}

static void with_locks(void) {
  pthread_t workers[3], makers[3];
  void *result;
  pthread_atfork(prepare, parent, child);
  pthread_create(&workers[0], NULL, changes, NULL);
  pthread_create(&workers[1], NULL, changes, NULL);
  pthread_create(&workers[2], NULL, maps, NULL);
  int made = 0;
  for (int i = 0; i < 3; i++) pthread_create(&makers[i], NULL, forks, (void *)3);
  for (int i = 0; i < 3; i++) {
    pthread_join(makers[i], &result);
    made += (int)(intptr_t)result;
  }
  stopping = 1;
  for (int i = 0; i < 3; i++) pthread_join(workers[i], NULL);
  stopping = 0;
  printf("%d forks, handlers %d %d %d\n", made, in_prepare, in_parent, in_child);
}

static void *calls(void *argument) {
  (void)argument;
  for (;;) getppid(), sched_yield();
}
static void *sleeps(void *argument) {
  (void)argument;
  for (;;) pause();
}
static void *spins(void *argument) {
  (void)argument;
  for (volatile int i = 0;; i++) {}
}
static void *waits(void *argument) {
  (void)argument;
  pthread_mutex_lock(&lock);
  pthread_mutex_lock(&lock);
  return NULL;
}
static void *exits(void *argument) {
  usleep(2000);
  _exit((int)(intptr_t)argument);
}
static void *reads(void *argument) {
  char byte;
  read(*(int *)argument, &byte, 1);
  return NULL;
}

/* A child with threads at all kinds of work, which ends in one of several ways. */
static pid_t busy_child(int how) {
  const pid_t pid = forked();
  if (pid > 0) return pid;
  static int ends[2];
  pthread_t thread;
  CHECK(pipe(ends) == 0);
  pthread_create(&thread, NULL, calls, NULL);
  pthread_create(&thread, NULL, calls, NULL);
  pthread_create(&thread, NULL, sleeps, NULL);
  pthread_create(&thread, NULL, waits, NULL);
  pthread_create(&thread, NULL, spins, NULL);
  pthread_create(&thread, NULL, reads, ends);
  pthread_create(&thread, NULL, exits, (void *)5);
  switch (how) {
    case 0: usleep(1000); _exit(5);
    case 1: pthread_exit(NULL);
    case 2: pthread_create(&thread, NULL, exits, (void *)5); for (;;) getppid();
    default: for (;;) pause();
  }
}

static void ends(void) {
  for (int how = 0; how < 4; how++) tell_status("busy child", status_of(busy_child(how)));
  for (int how = 0; how < 3; how++) {
    const pid_t pid = forked();
    if (pid == 0) {
      pthread_t thread;
      pthread_create(&thread, NULL, calls, NULL);
      pthread_create(&thread, NULL, spins, NULL);
      pthread_create(&thread, NULL, waits, NULL);
      for (;;) pause();
    }
    usleep(how * 3000);
    CHECK(kill(pid, how == 1 ? SIGTERM : SIGKILL) == 0);
    tell_status("busy child", status_of(pid));
  }
}

/* Waiting for a child from another thread than its parent's first. */
static void *waits_for(void *pid) { return (void *)(intptr_t)status_of((pid_t)(intptr_t)pid); }

static void waited(void) {
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) {
    const pid_t pid = child_that_exits(20 + i);
    pthread_create(&threads[i], NULL, waits_for, (void *)(intptr_t)pid);
  }
  for (int i = 0; i < 4; i++) {
    void *status;
    pthread_join(threads[i], &status);
    printf("%d ", WEXITSTATUS((int)(intptr_t)status));
  }
  puts("waited for by threads");
}

int main(void) {
  with_locks();
  ends();
  waited();
  /* Children that live on have no part in the end of this process. */
  int ends[2];
  CHECK(pipe(ends) == 0);
  const pid_t pid = forked();
  if (pid == 0) {
    char byte;
    close(ends[1]);
    CHECK(read(ends[0], &byte, 1) == 0);
    write(1, "the child is the last\n", 22);
    _exit(3);
  }
  pthread_t thread;
  pthread_create(&thread, NULL, sleeps, NULL);
  pthread_create(&thread, NULL, spins, NULL);
  fflush(stdout);
  write(1, "the parent ends\n", 16);
  _exit(6);
}
