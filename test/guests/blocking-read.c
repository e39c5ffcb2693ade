/* A worker blocks in read on a pipe while the others compute and print; then it gets what they send. */
#include "threads.h"

static int ends[2];
static int computed;

static void *work(void *argument) {
  const intptr_t self = (intptr_t)argument;
  if (self == 0) {
    char text[32] = "";
    CHECK(read(ends[0], text, sizeof text) == 5);
    CHECK(__atomic_load_n(&computed, __ATOMIC_SEQ_CST) == 3);
    return (void *)(intptr_t)strlen(text);
  }
  uint32_t sum = 0;
  for (uint32_t i = 0; i < 100000; i++) sum += i * (uint32_t)self;
  if (__atomic_add_fetch(&computed, 1, __ATOMIC_SEQ_CST) == 3) CHECK(write(ends[1], "done\n", 5) == 5);
  return (void *)(uintptr_t)(sum & 0xffff);
}

int main(void) {
  CHECK(pipe(ends) == 0);
  printf("total %ld\n", run_team(4, work));
  return 0;
}
