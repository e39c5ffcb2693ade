/* Readers and writers: readers never see a record half written. */
#include "threads.h"

enum { FIELDS = 40, WRITES = 150 };
static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static uint32_t record[FIELDS];
static int torn;

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  for (int i = 0; i < WRITES; i++) {
    if (self < 2) {
      pthread_rwlock_wrlock(&lock);
      for (uint32_t f = 0; f < FIELDS; f++) record[f] += f + 1;
      pthread_rwlock_unlock(&lock);
    } else {
      pthread_rwlock_rdlock(&lock);
      for (uint32_t f = 0; f < FIELDS; f++)
        if (record[f] != record[0] * (f + 1)) __atomic_add_fetch(&torn, 1, __ATOMIC_RELAXED);
      pthread_rwlock_unlock(&lock);
    }
  }
  return NULL;
}

int main(void) {
  run_team(8, work);
  printf("first %u last %u torn %d\n", record[0], record[FIELDS - 1], torn);
  return 0;
}
