/* malloc and free in several threads, blocks freed by another thread than the one that made them. */
#include "threads.h"

enum { TEAM = 6, SHELF = 64, ROUNDS = 1500 };
typedef struct {
  uint32_t size, seed;
  unsigned char bytes[];
} Block;
static Block *shelf[SHELF];

static void *work(void *argument) {
  Random random = {(uint32_t)(intptr_t)argument * 7919 + 1};
  for (int i = 0; i < ROUNDS; i++) {
    const uint32_t size = random_below(&random, 50) ? random_below(&random, 500) : 20000 + random_below(&random, 200000);
    Block *block = malloc(sizeof *block + size);
    CHECK(block);
    block->size = size;
    block->seed = random_next(&random);
    memset(block->bytes, (int)(block->seed & 0xff), size > 600 ? 600 : size);
    Block *old = __atomic_exchange_n(&shelf[random_below(&random, SHELF)], block, __ATOMIC_ACQ_REL);
    if (old) {
      for (uint32_t k = 0; k < old->size && k < 600; k += 9) CHECK(old->bytes[k] == (old->seed & 0xff));
      free(old);
    }
  }
  return (void *)1;
}

int main(void) {
  printf("ended %ld\n", run_team(TEAM, work));
  int left = 0;
  for (int i = 0; i < SHELF; i++) left += shelf[i] != NULL, free(shelf[i]);
  printf("left %d\n", left);
  return 0;
}
