/*
 * Instructions that touch many words and fault on the way: the handler sees the instruction and its base register as
 * they were, lets the page be used, and the instruction is done again from its start. Faults in IT blocks, changes that
 * a handler makes to the context, and ways out of handlers.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include "guest.h"

enum { PAGE = 4096, AGAIN = 30 };
typedef struct {
  uint32_t base, r[10];
  uint64_t d[16];
} Image;
typedef void Case(void *, Image *);

/* Sets r2 to r11 and d16 to d31, does one instruction on r0, stores r0, r2 to r11 and d16 to d31 at r1. */
#define CASE(name, before, instruction, after)                                                                   \
  __asm__(".text\n .syntax unified\n .fpu neon-vfpv4\n .arm\n .balign 4\n .global " #name "\n .type " #name ", %function\n" #name ":\n" \
          " push {r1, r4-r11, lr}\n mov r2, #2\n mov r3, #3\n mov r4, #4\n mov r5, #5\n mov r6, #6\n mov r7, #7\n"  \
          " mov r8, #8\n mov r9, #9\n mov r10, #10\n mov r11, #11\n vdup.32 q8, r2\n vdup.32 q9, r3\n vdup.32 q10, r4\n" \
          " vdup.32 q11, r5\n vdup.32 q12, r6\n vdup.32 q13, r7\n vdup.32 q14, r8\n vdup.32 q15, r9\n" before        \
          "\n .global " #name "_at\n" #name "_at:\n " instruction "\n" after                                        \
          "\n ldr r12, [sp]\n str r0, [r12], #4\n stm r12!, {r2-r11}\n vstmia r12!, {d16-d31}\n pop {r1, r4-r11, pc}\n"); \
  extern Case name;                                                                                              \
  extern char name##_at[];

#define ON_STACK " mov r12, sp\n mov sp, r0\n"
#define OFF_STACK " mov r0, sp\n mov sp, r12\n"
CASE(ldmia, "", "ldmia r0!, {r2-r9}", "")
CASE(ldmdb, "", "ldmdb r0!, {r2-r9}", "")
CASE(ldmib, "", "ldmib r0, {r2-r9}", "")
CASE(ldm_base, "", "ldmia r0, {r0, r2-r8}", "")
CASE(stmia, "", "stmia r0!, {r2-r9}", "")
CASE(stmdb, "", "stmdb r0!, {r2-r9}", "")
CASE(pop_many, ON_STACK, "pop {r2-r9}", OFF_STACK)
CASE(push_many, ON_STACK, "push {r2-r9}", OFF_STACK)
CASE(ldrd_post, "", "ldrd r2, r3, [r0], #8", "")
CASE(strd_pre, "", "strd r2, r3, [r0, #4]!", "")
CASE(ldr_pre, "", "ldr r2, [r0, #4]!", "")
CASE(ldr_unaligned, "", "ldr r2, [r0], #4", "")
CASE(vldr_d, "", "vldr d16, [r0]", "")
CASE(vldm_many, "", "vldmia r0!, {d16-d23}", "")
CASE(vldm_down, "", "vldmdb r0!, {d16-d23}", "")
CASE(vstm_many, "", "vstmia r0!, {d16-d23}", "")
CASE(vld1_four, "", "vld1.32 {d16-d19}, [r0]!", "")
CASE(vst1_four, "", "vst1.8 {d16-d19}, [r0], r2", "")
CASE(vld2_bytes, "", "vld2.8 {d16-d19}, [r0]!", "")
CASE(vld3_halves, "", "vld3.16 {d16-d18}, [r0]!", "")
CASE(vld4_words, "", "vld4.32 {d16-d19}, [r0]!", "")
CASE(vst4_bytes, "", "vst4.8 {d16-d19}, [r0]!", "")
CASE(vst3_words, "", "vst3.32 {d17, d19, d21}, [r0]!", "")
CASE(vld4_lane, "", "vld4.16 {d16[2], d17[2], d18[2], d19[2]}, [r0]!", "")
CASE(vst2_lane, "", "vst2.32 {d16[1], d17[1]}, [r0]!", "")
CASE(vld3_all, "", "vld3.32 {d16[], d17[], d18[]}, [r0]!", "")

#define ROW(name, offset) {#name, name, name##_at, offset}
/* Where r0 is at the start, from the beginning of the middle page (of which the pages before and behind are locked). */
static const struct {
  const char *name;
  Case *run;
  char *at;
  int offset;
} cases[] = {
    ROW(ldmia, PAGE - 12),       ROW(ldmdb, 12),              ROW(ldmib, PAGE - 8),       ROW(ldm_base, PAGE - 4),
    ROW(stmia, PAGE - 28),       ROW(stmdb, 20),              ROW(pop_many, PAGE - 16),   ROW(push_many, 16),
    ROW(ldrd_post, PAGE),        ROW(strd_pre, PAGE - 4),     ROW(ldr_pre, PAGE - 4),     ROW(ldr_unaligned, PAGE),
    ROW(vldr_d, PAGE),           ROW(vldm_many, PAGE - 24),   ROW(vldm_down, 24),         ROW(vstm_many, PAGE - 40),
    ROW(vld1_four, PAGE - 8),    ROW(vst1_four, PAGE - 16),   ROW(vld2_bytes, PAGE - 16), ROW(vld3_halves, PAGE - 12),
    ROW(vld4_words, PAGE - 16),  ROW(vst4_bytes, PAGE - 20),  ROW(vst3_words, PAGE - 12), ROW(vld4_lane, PAGE - 4),
    ROW(vst2_lane, PAGE - 4),    ROW(vld3_all, PAGE - 8),
};

static unsigned char *pages;
static char *expected_at;
static volatile uint32_t expected_base;
static volatile int faults, first;
static volatile uint32_t writes;
static char alternate[65536];

static void mend(int signal, siginfo_t *info, void *raw) {
  ucontext_t *context = raw;
  mcontext_t *machine = &context->uc_mcontext;
  (void)signal;
  CHECK((char *)machine->arm_pc == expected_at);
  const int on_stack = machine->arm_sp - (uintptr_t)pages < 3 * PAGE;
  const uint32_t base = on_stack ? machine->arm_sp : machine->arm_r0;
  CHECK(base == expected_base);
  /* Where the kernel tells it: a data abort, and whether it was a write (DFSR.WnR). */
  if (machine->trap_no != 0) {
    CHECK(machine->trap_no == 14 && machine->fault_address == (uintptr_t)info->si_addr);
    CHECK((machine->error_code >> 11 & 1) == writes && (machine->error_code & 15) == 15);
  }
  if (first) printf(" at %d code %d", (int)((unsigned char *)info->si_addr - pages - PAGE), info->si_code);
  faults++;
  CHECK(mprotect(pages, 3 * PAGE, PROT_READ | PROT_WRITE) == 0);
}
static void install(int signal, void (*handler)(int, siginfo_t *, void *), int flags) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | flags};
  CHECK(sigaction(signal, &action, NULL) == 0);
}

static void restart_all(void) {
  install(SIGSEGV, mend, 0);
  for (unsigned k = 0; k < sizeof cases / sizeof *cases; k++) {
    uint32_t sum = 0;
    printf("%s", cases[k].name);
    faults = 0;
    for (int again = 0; again < AGAIN; again++) {
      Image image;
      for (int i = 0; i < 3 * PAGE / 4; i++) ((uint32_t *)pages)[i] = (uint32_t)i * 0x01030507u;
      CHECK(mprotect(pages, PAGE, PROT_NONE) == 0 && mprotect(pages + 2 * PAGE, PAGE, PROT_NONE) == 0);
      first = again == 0;
      expected_at = cases[k].at;
      const char *name = cases[k].name;
      writes = strncmp(name, "st", 2) == 0 || strncmp(name, "vst", 3) == 0 || strncmp(name, "push", 4) == 0;
      expected_base = (uint32_t)(uintptr_t)(pages + PAGE + cases[k].offset);
      cases[k].run(pages + PAGE + cases[k].offset, &image);
      if (image.base - (uint32_t)(uintptr_t)pages < 3 * PAGE) image.base -= (uint32_t)(uintptr_t)pages;
      const uint32_t now = checksum(checksum(CHECKSUM_START, &image, sizeof image), pages, 3 * PAGE);
      CHECK(again == 0 || now == sum);
      sum = now;
    }
    printf(" faults %d sum %08x\n", faults, sum);
  }
}

/* A fault in the middle of an IT block keeps the block's state; the rest is done after the return. */
__asm__(".text\n .thumb\n .balign 4\n .thumb_func\n .type in_it, %function\n .global in_it\n in_it:\n push {r4, lr}\n movs r2, #0\n movs r3, #1\n"
        " cmp r3, #0\n ittet ne\n addne r2, #1\n in_it_at: ldrne r4, [r0]\n addeq r2, #64\n addne r2, #2\n adds r2, r2, r4\n"
        " mov r0, r2\n pop {r4, pc}\n .arm\n");
extern uint32_t in_it(void *);
static void show_state(int signal, siginfo_t *info, void *raw) {
  const ucontext_t *context = raw;
  (void)signal;
  (void)info;
  if (first) printf("in an IT block: cpsr %08lx\n", context->uc_mcontext.arm_cpsr & ~0x1c0ul);
  first = 0;
  CHECK(mprotect(pages, PAGE, PROT_READ | PROT_WRITE) == 0);
}

/* The handler goes on elsewhere, with other registers, flags and vectors. */
__asm__(".text\n .arm\n .balign 4\n .type changed, %function\n .global changed\n changed:\n push {r4-r7, lr}\n mov r4, #1\n mov r5, #2\n"
        " vmov.i32 q8, #1\n vmov.i32 d7, #1\n cmp r0, r0\n .global changed_at\n changed_at: ldr r4, [r0]\n add r5, r5, #100\n"
        " addmi r5, r5, #1000\n addcs r5, r5, #10240\n vmov r6, r7, d16\n add r4, r4, r6\n eor r4, r4, r7\n vmov r6, r7, d7\n add r4, r4, r6\n"
        " add r0, r4, r5\n pop {r4-r7, pc}\n");
extern uint32_t changed(void *);
static void change(int signal, siginfo_t *info, void *raw) {
  ucontext_t *context = raw;
  (void)signal;
  (void)info;
  context->uc_mcontext.arm_pc += 4;
  context->uc_mcontext.arm_r4 = 4000000;
  context->uc_mcontext.arm_r5 += 7;
  context->uc_mcontext.arm_cpsr = (context->uc_mcontext.arm_cpsr & 0x0fffffff) | 0xa0000000;
  /* asm/ucontext.h: magic, size, then d0 to d31. */
  uint32_t *frame = (uint32_t *)context->uc_regspace;
  CHECK(frame[0] == 0x56465001 && frame[1] == 288);
  frame[2 + 2 * 16] = 30000000;
  frame[2 + 2 * 7] = 500000000;
}

static sigjmp_buf resume;
static volatile int depth, deepest;
static void jump(int signal, siginfo_t *info, void *raw) {
  (void)info;
  (void)raw;
  siglongjmp(resume, signal);
}
static void nest(int signal, siginfo_t *info, void *raw) {
  (void)info;
  (void)raw;
  if (++depth > deepest) deepest = depth;
  if (depth < 5) raise(signal);
  depth--;
}

int main(void) {
  const stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  CHECK(sigaltstack(&stack, NULL) == 0);
  pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(pages != MAP_FAILED);
  restart_all();

  install(SIGSEGV, show_state, 0);
  first = 1;
  uint32_t total = 0;
  for (int i = 0; i < AGAIN; i++) {
    CHECK(mprotect(pages, PAGE, PROT_NONE) == 0);
    total += in_it(pages);
  }
  printf("in an IT block: %u\n", total);

  install(SIGSEGV, change, 0);
  CHECK(mprotect(pages, PAGE, PROT_NONE) == 0);
  for (int i = 0; i < AGAIN; i++) total += changed(pages);
  printf("changed by the handler: %u\n", total);

  /* Out of a handler, from a hot loop: memory has what was stored before. */
  install(SIGSEGV, jump, SA_NODEFER);
  volatile int left = 0;
  for (volatile int i = 0; i < AGAIN; i++) {
    if (sigsetjmp(resume, 1) == 0)
      for (volatile unsigned char *p = pages + PAGE;; p++) *p = (unsigned char)(p - pages + i);
    left++;
    CHECK(mprotect(pages + 2 * PAGE, PAGE, PROT_NONE) == 0);
    CHECK(pages[2 * PAGE - 1] == (unsigned char)(2 * PAGE - 1 + i));
    if (i == 0) total = checksum(CHECKSUM_START, pages + PAGE, PAGE);
  }
  printf("left by siglongjmp %d, sum %u\n", left, total);
  install(SIGUSR1, nest, SA_NODEFER);
  raise(SIGUSR1);
  install(SIGFPE, nest, SA_RESETHAND | SA_NODEFER);
  depth = 4;
  raise(SIGFPE);
  struct sigaction now;
  CHECK(sigaction(SIGFPE, NULL, &now) == 0);
  printf("nested %d, reset %d\n", deepest, now.sa_handler == SIG_DFL);
  fflush(stdout);
  raise(SIGFPE);
  return 0;
}
