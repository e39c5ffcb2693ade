/* Sixteen threads send a message to each of the others, several rounds, through mailboxes with a mutex each. */
#include "threads.h"

enum { TEAM = 16, ROUNDS = 5 };
typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t arrived;
  uint32_t messages[TEAM * ROUNDS];
  int count;
} Mailbox;
static Mailbox mailboxes[TEAM];

static void *work(void *argument) {
  const uint32_t self = (uint32_t)(intptr_t)argument;
  Mailbox *own = &mailboxes[self];
  uint32_t sum = 0;
  int read = 0;
  for (uint32_t round = 0; round < ROUNDS; round++) {
    for (uint32_t step = 1; step < TEAM; step++) {
      Mailbox *other = &mailboxes[(self + step) % TEAM];
      pthread_mutex_lock(&other->lock);
      other->messages[other->count++] = round << 16 | self << 8 | step;
      pthread_cond_signal(&other->arrived);
      pthread_mutex_unlock(&other->lock);
    }
    pthread_mutex_lock(&own->lock);
    while (own->count < (int)(round + 1) * (TEAM - 1)) pthread_cond_wait(&own->arrived, &own->lock);
    for (; read < (int)(round + 1) * (TEAM - 1); read++) sum += own->messages[read] * 2654435761u;
    pthread_mutex_unlock(&own->lock);
  }
  /* A fast sender may be a round ahead, but after the last round each mailbox was read to its end. */
  return (void *)(uintptr_t)(sum & 0xffff);
}

int main(void) {
  for (int i = 0; i < TEAM; i++) {
    pthread_mutex_init(&mailboxes[i].lock, NULL);
    pthread_cond_init(&mailboxes[i].arrived, NULL);
  }
  const long total = run_team(TEAM, work);
  int count = 0;
  for (int i = 0; i < TEAM; i++) count += mailboxes[i].count;
  printf("messages %d total %ld\n", count, total);
  return 0;
}
