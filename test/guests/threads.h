/* What the threaded guests share: starting and joining a team of threads, each with its number. */
#ifndef THREADS_H
#define THREADS_H

#include <pthread.h>
#include <unistd.h>
#include "guest.h"

enum { TEAM_MOST = 64 };

/* Runs body(0) to body(count - 1) in as many threads and waits for all; the sum of what they return. */
static inline long run_team(int count, void *(*body)(void *)) {
  pthread_t team[TEAM_MOST];
  long total = 0;
  for (int i = 0; i < count; i++) CHECK(pthread_create(&team[i], NULL, body, (void *)(intptr_t)i) == 0);
  for (int i = 0; i < count; i++) {
    void *result;
    CHECK(pthread_join(team[i], &result) == 0);
    total += (long)(intptr_t)result;
  }
  return total;
}

#endif
