/*
 * Processes that do not end by themselves: at work, in calls, with threads, and one of another group. With "first" the
 * first one ends with status 5 at once, and the others half a second later with a word each.
 */
#include <pthread.h>
#include "processes.h"

static void *spins(void *argument) {
  for (volatile int i = 0;; i++) {}
}

int main(int count, char **words) {
  const int first_ends = count > 1 && !strcmp(words[1], "first");
  int never[2], ready[2];
  char byte = 'x';
  CHECK(pipe(never) == 0 && pipe(ready) == 0);
  for (int kind = 0; kind < 4; kind++) {
    if (forked()) continue;
    pthread_t thread;
    if (kind == 3) setpgid(0, 0);
    if (kind == 2) pthread_create(&thread, NULL, spins, NULL);
    CHECK(write(ready[1], &byte, 1) == 1);
    if (first_ends) {
      // Comes to the pipe's end when the first one has ended, however long the others take to come here.
      close(never[1]);
      CHECK(read(never[0], &byte, 1) == 0);
      usleep(500000);
      printf("the last word of a child\n");
      fflush(stdout);
      _exit(kind);
    }
    if (kind == 0) spins(NULL);
    if (kind == 1) read(never[0], &byte, 1);
    if (kind == 2 && fork() == 0) spins(NULL);
    for (;;) pause();
  }
  for (int kind = 0; kind < 4; kind++) CHECK(read(ready[0], &byte, 1) == 1);
  puts("started");
  fflush(stdout);
  if (first_ends) _exit(5);
  while (wait(NULL) > 0) {}
  return 0;
}
