/* Memory that is moved or unmapped while another thread stores to it: a store that was made is in what was moved, or in
 * the file; the next one faults. And what is moved or unmapped while nobody may read it keeps its contents. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include "threads.h"

enum { PAGE = 4096, PAGES = 16, LENGTH = PAGES * PAGE, ROUNDS = 4 };
enum how { MOVE, MOVE_OVER, UNMAP, REPLACE, REPLACE_BY_ITSELF, SHRINK, KINDS };
static const char *const names[] = {"moved", "moved over", "unmapped", "replaced", "replaced by itself", "shrunk"};

static int file;
static __thread sigjmp_buf back;
static _Alignas(PAGE) atomic_int *volatile word;
static _Alignas(PAGE) atomic_int stored;
static volatile int code;

static void fault(int signal, siginfo_t *info, void *context) {
  (void)signal, (void)context;
  code = info->si_code;
  siglongjmp(back, 1);
}

/* Stores numbers in ascending order until that faults. `stored` is the last one that was. */
static void *store(void *unused) {
  if (sigsetjmp(back, 1) == 0)
    for (int next = 1;; next++) {
      *word = next;
      stored = next;
    }
  return unused;
}

static char *map(int protection, int flags, int fd) {
  char *memory = mmap(NULL, LENGTH, protection, flags, fd, 0);
  CHECK(memory != MAP_FAILED);
  return memory;
}

static char *anonymous(int protection) { return map(protection, MAP_PRIVATE | MAP_ANONYMOUS, -1); }

static int in_file(int offset) {
  int value;
  CHECK(pread(file, &value, sizeof value, offset) == sizeof value);
  return value;
}

static void one(enum how how, int page) {
  const int offset = page * PAGE;
  char *const memory = how == MOVE ? anonymous(PROT_READ | PROT_WRITE) : map(PROT_READ | PROT_WRITE, MAP_SHARED, file);
  char *const target = anonymous(PROT_NONE);
  pthread_t thread;
  word = (atomic_int *)(memory + offset);
  stored = code = 0;
  pthread_create(&thread, NULL, store, NULL);
  while (stored == 0) sched_yield();
  usleep(500);
  switch (how) {
    case MOVE: CHECK(mremap(memory, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, target) == target); break;
    case MOVE_OVER: CHECK(mremap(target, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, memory) == memory); break;
    case UNMAP: CHECK(munmap(memory, LENGTH) == 0); break;
    case REPLACE: CHECK(mmap(memory, LENGTH, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == memory); break;
    case REPLACE_BY_ITSELF: CHECK(mmap(memory, LENGTH, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) == memory); break;
    default: CHECK(mremap(memory, LENGTH, PAGE, 0) == memory);
  }
  pthread_join(thread, NULL);
  if (how == REPLACE_BY_ITSELF) CHECK(*(int *)(memory + offset) == stored);
  const int value = how == MOVE ? *(int *)(target + offset) : in_file(offset);
  if (value != stored) printf("%s: %d, but %d was stored\n", names[how], value, stored);
  CHECK(code == (how == REPLACE || how == REPLACE_BY_ITSELF || how == MOVE_OVER ? SEGV_ACCERR : SEGV_MAPERR));
  munmap(memory, LENGTH), munmap(target, LENGTH);
}

/* A mapping in the place of the same one: nobody sees a moment without it. */
static atomic_int enough;
static void *store_on(void *unused) {
  for (int next = 1; !enough; next++) *word = stored = next;
  return unused;
}

static void same(void) {
  char *const memory = map(PROT_READ | PROT_WRITE, MAP_SHARED, file);
  pthread_t thread;
  word = (atomic_int *)(memory + PAGE);
  stored = 0;
  pthread_create(&thread, NULL, store_on, NULL);
  while (stored == 0) sched_yield();
  for (int i = 0; i < ROUNDS; i++)
    CHECK(mmap(memory, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file, 0) == memory);
  enough = 1;
  pthread_join(thread, NULL);
  CHECK(*word == stored);
  munmap(memory, LENGTH);
}

/* What nobody may read now. */
static void hidden(void) {
  char *memory = anonymous(PROT_READ | PROT_WRITE);
  strcpy(memory + PAGE, "hidden");
  CHECK(mprotect(memory, LENGTH, PROT_NONE) == 0);
  char *moved = mremap(memory, LENGTH, LENGTH, MREMAP_MAYMOVE | MREMAP_FIXED, anonymous(PROT_NONE));
  CHECK(moved != MAP_FAILED && mprotect(moved, LENGTH, PROT_READ) == 0);
  printf("moved: \"%s\"\n", moved + PAGE);
  memory = map(PROT_READ | PROT_WRITE, MAP_SHARED, file);
  *(int *)(memory + PAGE) = 1234;
  CHECK(mprotect(memory, LENGTH, PROT_NONE) == 0 && munmap(memory, LENGTH) == 0);
  printf("in the file: %d\n", in_file(PAGE));
  /* A call that fails leaves all as it was. */
  memory = map(PROT_READ | PROT_WRITE, MAP_SHARED, file);
  CHECK(mmap(memory, LENGTH, PROT_READ, MAP_FIXED, -1, 0) == MAP_FAILED);
  *(int *)(memory + PAGE) += 1;
  CHECK(munmap(memory, LENGTH) == 0);
  printf("in the file: %d\n", in_file(PAGE));
}

int main(void) {
  char name[] = "/tmp/armada-moved-XXXXXX";
  struct sigaction action = {.sa_sigaction = fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  file = mkstemp(name);
  CHECK(file >= 0 && unlink(name) == 0 && ftruncate(file, LENGTH) == 0);
  for (int round = 0; round < ROUNDS; round++)
    for (int how = 0; how < KINDS; how++) one(how, 1 + (round * 5 + how) % (PAGES - 1));
  same();
  hidden();
  return 0;
}
