/*
 * Threads that run what another thread changes: a patcher that waits until each runner has seen its change, and threads
 * that all execute, and store on, one page. `flush` as the first argument: cacheflush after each change.
 */
#include <sys/mman.h>
#include <time.h>
#include "threads.h"

enum { RUNNERS = 3, PATCHES = 40, SHARED_ROUNDS = 400, SECONDS_MOST = 40 };
typedef uint32_t Function(void);
static int flushes;
static uint32_t *code;
static volatile uint32_t seen[RUNNERS][1024] __attribute__((aligned(4096)));
static volatile int over;

static void changed(void *start, size_t size) {
  if (flushes) __builtin___clear_cache((char *)start, (char *)start + size);
}
static time_t now(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec;
}

/* Runs the function in a loop without any call of the system. What it gives never goes back. */
static void *run(void *argument) {
  const int number = (int)(intptr_t)argument;
  Function *function = (Function *)(uintptr_t)code;
  uint32_t last = 0;
  while (!over) {
    const uint32_t value = function();
    CHECK(value >= last);
    last = value;
    seen[number][0] = value;
  }
  return (void *)(intptr_t)last;
}
static void *patch(void *argument) {
  (void)argument;
  for (uint32_t i = 1; i <= PATCHES; i++) {
    const time_t start = now();
    code[0] = 0xe3a00000u | i; /* mov r0, #i */
    changed(code, 4);
    for (int runner = 0; runner < RUNNERS; runner++)
      while (seen[runner][0] != i) {
        sched_yield();
        CHECK(now() - start < SECONDS_MOST);
      }
  }
  over = 1;
  return NULL;
}
static void *patch_or_run(void *number) {
  return (intptr_t)number == RUNNERS ? patch(number) : run(number);
}

/* ldr r2, [r0]; add r2, r2, #1; str r2, [r0]; bx lr: each thread its own word, all on the page of the code. */
static void *share(void *argument) {
  typedef void Increment(volatile uint32_t *);
  volatile uint32_t *own = code + 512 + 32 * (intptr_t)argument;
  for (int i = 0; i < SHARED_ROUNDS; i++) ((Increment *)(uintptr_t)code)(own);
  return (void *)(intptr_t)*own;
}
/* Each thread writes and runs code of its own beside the others' on one page. */
static void *generate(void *argument) {
  uint32_t *own = code + 64 * (intptr_t)argument, total = 0;
  for (uint32_t i = 0; i < 30; i++) {
    own[0] = 0xe3a00000u | i;
    own[1] = 0xe12fff1eu;
    changed(own, 8);
    for (int k = 0; k < 10; k++) total += ((Function *)(uintptr_t)own)();
  }
  return (void *)(intptr_t)total;
}

int main(int count, char **arguments) {
  flushes = count > 1 && strcmp(arguments[1], "flush") == 0;
  code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(code != MAP_FAILED);
  code[0] = 0xe3a00000u;
  code[1] = 0xe12fff1eu;
  changed(code, 8);
  printf("patched %ld\n", run_team(RUNNERS + 1, patch_or_run));
  static const uint32_t increment[] = {0xe5902000, 0xe2822001, 0xe5802000, 0xe12fff1e};
  memcpy(code, increment, sizeof increment);
  changed(code, sizeof increment);
  printf("shared %ld\n", run_team(4, share));
  printf("generated %ld\n", run_team(4, generate));
  return 0;
}
