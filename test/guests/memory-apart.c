/* After fork each has a memory of its own: data, heap, stack, mappings, protections, code. */
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <fcntl.h>
#include "processes.h"

static int data[5000] = {1}, zeros[5000];

static void told(int pipe_end, uint32_t sum) { CHECK(write(pipe_end, &sum, sizeof sum) == sizeof sum); }

/* Of two large areas, every 61st byte. */
static uint32_t samples(const unsigned char *heap, const unsigned char *holes, int bytes) {
  uint32_t sum = CHECKSUM_START;
  for (int i = 0; i < bytes; i += 61) sum = (((sum ^ heap[i]) * 16777619u) ^ holes[i]) * 16777619u;
  return sum;
}

/* Both write after the fork, in turn, and neither sees the other's. */
static void apart(void) {
  enum { bytes = 12 << 20 };
  int to_child[2], to_parent[2];
  CHECK(pipe(to_child) == 0 && pipe(to_parent) == 0);
  unsigned char *heap = malloc(bytes);
  unsigned char *holes = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Random random = {4711};
  for (int i = 0; i < bytes; i += 64) heap[i] = random_next(&random);
  for (int i = 0; i < bytes; i += 40960) holes[i] = random_next(&random);
  volatile int stack[1000];
  for (int i = 0; i < 1000; i++) stack[i] = i;
  const uint32_t before = samples(heap, holes, bytes);
  const pid_t pid = forked();
  char byte = 0;
  uint32_t sum;
  if (pid == 0) {
    told(to_parent[1], samples(heap, holes, bytes));
    for (int i = 0; i < bytes; i += 4096) heap[i] = 1, holes[i + 5] = 2;
    for (int i = 0; i < 1000; i++) stack[i] = -i;
    data[4000] = 7;
    zeros[4000] = 8;
    told(to_parent[1], samples(heap, holes, bytes));
    CHECK(read(to_child[0], &byte, 1) == 1);
    told(to_parent[1], samples(heap, holes, bytes));
    _exit(data[4000] + zeros[4000] + stack[999] + 999 + zeros[1]);
  }
  CHECK(read(to_parent[0], &sum, sizeof sum) == sizeof sum);
  printf("the child begins with our memory: %d\n", sum == before);
  uint32_t theirs;
  CHECK(read(to_parent[0], &theirs, sizeof theirs) == sizeof theirs);
  printf("it changes it: %d, ours stays: %d %d %d %d\n", theirs != before,
         samples(heap, holes, bytes) == before, data[4000], zeros[4000], stack[999]);
  for (int i = 7; i < bytes; i += 4096) heap[i] = 9, holes[i] = 9;
  zeros[1] = 100;
  CHECK(write(to_child[1], &byte, 1) == 1);
  CHECK(read(to_parent[0], &sum, sizeof sum) == sizeof sum);
  printf("ours changes, its does not: %d\n", sum == theirs);
  tell_status("child", status_of(pid));
  free(heap);
  munmap(holes, bytes);
  for (int i = 0; i < 2; i++) close(to_child[i]), close(to_parent[i]);
}

static sigjmp_buf out;
static void on_fault(int signal, siginfo_t *info, void *context) {
  (void)context;
  siglongjmp(out, signal * 100 + info->si_code);
}

static int touches(volatile char *address, int writes) {
  const int fault = sigsetjmp(out, 1);
  if (fault) return fault;
  if (writes) *address = 5;
  else (void)*address;
  return 0;
}

static void protections(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  char *pages = mmap(NULL, 5 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(pages, 'a', 5 * 4096);
  mprotect(pages + 4096, 4096, PROT_READ);
  mprotect(pages + 2 * 4096, 4096, PROT_NONE);
  munmap(pages + 3 * 4096, 4096);
  const pid_t pid = forked();
  for (int round = 0; round < 2; round++) {
    /* Each changes a protection of its own. */
    char text[200];
    int length = snprintf(text, sizeof text, "%s:", pid ? "parent" : "child");
    for (int page = 0; page < 5; page++)
      length += snprintf(text + length, sizeof text - length, " %d/%d", touches(pages + page * 4096, 0), touches(pages + page * 4096, 1));
    if (pid) {
      if (round == 0) tell_status("child", status_of(pid));
      puts(text);
    } else {
      puts(text);
      fflush(stdout);
      mprotect(pages + 2 * 4096, 4096, PROT_READ);
      mprotect(pages, 4096, PROT_NONE);
      munmap(pages + 4 * 4096, 4096);
      CHECK(pages[2 * 4096] == 'a');
    }
  }
  if (pid == 0) {
    fflush(stdout);
    _exit(0);
  }
  CHECK(pages[4 * 4096] == 5 && pages[4096] == 'a');
  signal(SIGSEGV, SIG_DFL);
  munmap(pages, 5 * 4096);
}

/* Code that was changed before the fork, and by each of the two after it: mov r0, #n; bx lr. */
static int (*code)(void);
static void write_code(unsigned n) {
  uint32_t *words = (uint32_t *)code;
  words[0] = 0xe3a00000u | n;
  words[1] = 0xe12fff1eu;
  __builtin___clear_cache((char *)words, (char *)(words + 2));
}
static int sums(int times) {
  int sum = 0;
  for (int i = 0; i < times; i++) sum += code();
  return sum;
}

static void changed_code(void) {
  code = (int (*)(void))mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  write_code(1);
  int sum = sums(20000);
  write_code(2);
  sum += sums(20000);
  int ends[2];
  CHECK(pipe(ends) == 0);
  const pid_t pid = forked();
  if (pid == 0) {
    int own = sums(20000);
    write_code(3);
    own += sums(20000);
    CHECK(write(ends[1], &own, sizeof own) == sizeof own);
    _exit(code());
  }
  int theirs;
  CHECK(read(ends[0], &theirs, sizeof theirs) == sizeof theirs);
  tell_status("child's code", status_of(pid));
  sum += sums(20000);
  printf("ours %d, its %d\n", sum, theirs);
  write_code(5);
  printf("ours again %d\n", sums(20000));
}

static void files(void) {
  const int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0644);
  char block[8192];
  memset(block, 'f', sizeof block);
  CHECK(write(fd, block, sizeof block) == sizeof block);
  char *private = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  private[10] = 'p';
  const pid_t pid = forked();
  if (pid == 0) {
    CHECK(private[10] == 'p' && private[5000] == 'f');
    private[10] = 'c';
    private[5000] = 'c';
    munmap(private, 4096);
    _exit(private[5000] == 'c');
  }
  tell_status("private mapping", status_of(pid));
  printf("%c%c%c\n", private[10], private[5000], private[0]);
  CHECK(pread(fd, block, sizeof block, 0) == sizeof block);
  printf("%c%c\n", block[10], block[5000]);
  close(fd);
  unlink("mapped");
}

/* A generation of forks deep: each adds to what it was given. */
static void deep(void) {
  volatile int level = 0;
  fflush(stdout);
  while (level < 6) {
    level++;
    zeros[level] = level * level;
    const pid_t pid = fork();
    if (pid > 0) {
      const int below = WEXITSTATUS(status_of(pid));
      if (level > 1) _exit(below + zeros[level]);
      printf("six levels: %d\n", below + zeros[level]);
      return;
    }
  }
  int sum = 0;
  for (int i = 1; i <= level; i++) sum += zeros[i];
  _exit(sum);
}

static void mappings(void) {
  char *break_before = sbrk(0);
  const pid_t pid = forked();
  if (pid == 0) {
    CHECK(sbrk(1 << 20) == break_before);
    memset(break_before, 1, 1 << 20);
    char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *page = 1;
    _exit(sbrk(0) == break_before + (1 << 20));
  }
  tell_status("child's break", status_of(pid));
  printf("ours is the same: %d\n", sbrk(0) == break_before);
  CHECK(sbrk(8192) == break_before && break_before[0] == 0 && break_before[8191] == 0);
}

int main(void) {
  apart();
  protections();
  changed_code();
  files();
  deep();
  mappings();
  return 0;
}
