/* Ends in the way that its argument names; says so first. */
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#include "guest.h"

static const char literal[] = "constant";
static volatile uintptr_t wild;

__attribute__((noinline)) static int overflow(int depth) {
  volatile char frame[2048];
  frame[depth & 2047] = (char)depth;
  return overflow(depth + 1) + frame[depth & 2047];
}

static void null_read(void) { (void)*(volatile int *)wild; }
static void null_write(void) { *(volatile int *)wild = 1; }
static void wild_read(void) { (void)*(volatile int *)(wild + 0x70000000); }
static void wild_write(void) { *(volatile int *)(wild + 0xa0000004) = 1; }
static void write_literal(void) { *(volatile char *)(wild + (uintptr_t)literal) = 'x'; }
static void write_text(void) { *(volatile char *)(wild + ((uintptr_t)write_literal & ~1u)) = 0; }
static void jump_null(void) { ((void (*)(void))wild)(); }
static void jump_wild(void) { ((void (*)(void))(wild + 0x70000001))(); }
static void jump_data(void) {
  static uint16_t code[] = {0x4770, 0x4770}; /* bx lr */
  uint16_t *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, code, sizeof code);
  ((void (*)(void))(wild + (uintptr_t)page + 1))();
}
static void undefined_thumb(void) { __asm__ volatile("udf #2"); }
/* The number that the kernel takes as a breakpoint (arch/arm/kernel/ptrace.c). */
static void breakpoint_thumb(void) { __asm__ volatile("udf #1"); }
static void breakpoint_wide(void) { __asm__ volatile(".inst.w 0xf7f0a000"); }
__attribute__((target("arm"))) static void breakpoint_arm(void) { __asm__ volatile("udf #16"); }
__attribute__((target("arm"))) static void undefined_arm(void) { __asm__ volatile("udf #1234"); }
static void stack_overflow(void) { _exit(overflow(0) & 1); }
static void unaligned_exclusive(void) {
  static uint64_t area[2];
  uint32_t low, high;
  __asm__ volatile("ldrexd %0, %1, [%2]" : "=&r"(low), "=&r"(high) : "r"(wild + (uintptr_t)area + 4));
}
static void unaligned_ldm(void) {
  static uint32_t area[4];
  uint32_t a, b;
  __asm__ volatile("ldmia %2, {%0, %1}" : "=&r"(a), "=&r"(b) : "r"(wild + (uintptr_t)area + 1));
}
static void stack_gone(void) {
  __asm__ volatile("mov sp, %0\n push {r0, r1, r2}" ::"r"(wild + 8) : "memory");
}
static void kill_self(void) { kill(getpid(), SIGKILL); }
static void quit_self(void) { raise(SIGQUIT); }
static void trap(void) { raise(SIGTRAP); }
static void hang_up(void) { raise(SIGHUP); }
static void protect(void) {
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mprotect(page + 4096, 4096, PROT_NONE);
  memset(page, 1, 8192);
}
static void double_fault(void) {
  struct sigaction action = {.sa_handler = (void (*)(int))null_write};
  sigaction(SIGSEGV, &action, NULL);
  null_write();
}
static void ignored_fault(void) {
  signal(SIGSEGV, SIG_IGN);
  null_write();
}

static const struct {
  const char *name;
  void (*act)(void);
} ways[] = {{"null-read", null_read}, {"null-write", null_write}, {"wild-read", wild_read}, {"wild-write", wild_write}, {"write-literal", write_literal}, {"write-text", write_text},
            {"jump-null", jump_null}, {"jump-wild", jump_wild}, {"jump-data", jump_data}, {"undefined-thumb", undefined_thumb}, {"breakpoint-thumb", breakpoint_thumb}, {"breakpoint-wide", breakpoint_wide},
            {"breakpoint-arm", breakpoint_arm}, {"undefined-arm", undefined_arm},
            {"stack-overflow", stack_overflow}, {"unaligned-exclusive", unaligned_exclusive}, {"unaligned-ldm", unaligned_ldm}, {"stack-gone", stack_gone}, {"abort", abort},
            {"kill", kill_self}, {"quit", quit_self}, {"trap", trap}, {"hang-up", hang_up}, {"protect", protect}, {"double-fault", double_fault}, {"ignored-fault", ignored_fault}};

int main(int argc, char **argv) {
  for (size_t i = 0; argc > 1 && i < sizeof ways / sizeof *ways; i++)
    if (strcmp(argv[1], ways[i].name) == 0) {
      printf("%s\n", argv[1]);
      fflush(stdout);
      ways[i].act();
      printf("survived\n");
      return 0;
    }
  printf("no such way\n");
  return 2;
}
