/*
 * A thread that keeps known values in every register is interrupted by a timer and by other threads, whose handler uses
 * all of them for something else; nothing may change. The same code in A32 and in Thumb.
 */
#include <signal.h>
#include <sys/time.h>
#include <ucontext.h>
#include "threads.h"

enum { SIGNALS = 300, TURNS = 2000, REGISTERS = 12 };

typedef struct {
  uint32_t r[REGISTERS], flags, fpscr;
  uint64_t d[32];
} Image;

/*
 * kernel(in, out, turns): loads r0 to r11, the flags, FPSCR and d0 to d31, works on them in ways that take themselves
 * back, and stores them. lr counts, r12 keeps the flags over the count.
 */
#define KERNEL(name, state)                                                                                     \
  __asm__(".text\n .syntax unified\n .fpu neon\n " state "\n .global " name "\n .type " name ", %function\n .balign 4\n" name ":\n" \
          " push {r4-r11, lr}\n vpush {d8-d15}\n push {r1, r2}\n mov lr, r2\n"                                     \
          " ldr r3, [r0, #52]\n vmsr fpscr, r3\n add r3, r0, #56\n vldmia r3!, {d0-d15}\n vldmia r3, {d16-d31}\n"     \
          " ldr r3, [r0, #48]\n msr APSR_nzcvqg, r3\n ldm r0, {r0-r11}\n"                                          \
          name "_loop:\n 1: eor r0, r0, r1\n eor r0, r0, r1\n add r2, r2, r3\n push {r9, r10}\n sub r2, r2, r3\n"               \
          " ror r4, r4, #7\n veor q0, q0, q15\n ror r4, r4, #25\n"                                                \
          " itt mi\n addmi r5, r5, #1\n submi r5, r5, #1\n"                                                        \
          " ite eq\n eoreq r6, r6, r7\n eorne r6, r6, r7\n sel r8, r8, r8\n veor q0, q0, q15\n"                    \
          " ite eq\n eoreq r6, r6, r7\n eorne r6, r6, r7\n vswp d20, d21\n pop {r9, r10}\n vswp d20, d21\n"        \
          " mvn r11, r11\n vmvn q9, q9\n mvn r11, r11\n vmvn q9, q9\n"                                             \
          name "_end:\n mrs r12, APSR\n subs lr, lr, #1\n beq 2f\n msr APSR_nzcvqg, r12\n b 1b\n"                               \
          "2: msr APSR_nzcvqg, r12\n ldr r12, [sp]\n stm r12!, {r0-r11}\n mrs r0, APSR\n vmrs r1, fpscr\n"         \
          " stm r12!, {r0, r1}\n vstmia r12!, {d0-d15}\n vstmia r12, {d16-d31}\n"                                  \
          " add sp, sp, #8\n vpop {d8-d15}\n mov r0, #0\n vmsr fpscr, r0\n pop {r4-r11, pc}\n")
KERNEL("kernel_arm", ".arm");
KERNEL("kernel_thumb", ".thumb\n .thumb_func");
extern void kernel_arm(const Image *, Image *, int);
extern void kernel_thumb(const Image *, Image *, int);
extern char kernel_arm_loop[], kernel_arm_end[], kernel_thumb_loop[], kernel_thumb_end[];

static volatile sig_atomic_t caught, timed, inside;

/* Uses every register that it may, the flags and FPSCR; what it sees of its caller is what the caller has. */
static void clobber(int signal, siginfo_t *info, void *raw) {
  const ucontext_t *context = raw;
  const mcontext_t *machine = &context->uc_mcontext;
  (void)info;
  const char *pc = (const char *)machine->arm_pc;
  const int arm = pc >= kernel_arm_loop && pc < kernel_arm_end;
  const int thumb = pc >= kernel_thumb_loop && pc < kernel_thumb_end;
  if (arm || thumb) {
    inside++;
    CHECK((machine->arm_cpsr >> 5 & 1) == (unsigned)thumb);
    CHECK(machine->arm_r1 == 0x11111111u && machine->arm_r7 == 0x77777777u && machine->arm_r3 == 0x33333333u);
  }
  __asm__ volatile(
      "mov r2, #0xf8000000\n orr r2, r2, #0xf0000\n msr APSR_nzcvqg, r2\n mov r2, #0x00c00000\n vmsr fpscr, r2\n"
      "vmov.i32 q0, #1\n vmov.i32 q1, #2\n vmov.i32 q2, #3\n vmov.i32 q3, #4\n vmov.i32 q4, #5\n vmov.i32 q5, #6\n"
      "vmov.i32 q6, #7\n vmov.i32 q7, #8\n vmov.i32 q8, #9\n vmov.i32 q9, #10\n vmov.i32 q10, #11\n vmov.i32 q11, #12\n"
      "vmov.i32 q12, #13\n vmov.i32 q13, #14\n vmov.i32 q14, #15\n vmov.i32 q15, #16\n"
      "mov r0, #1\n mov r1, #2\n mov r3, #3\n mov r4, #4\n mov r5, #5\n mov r6, #6\n mov r8, #8\n mov r9, #9\n mov r10, #10\n"
      "mov r12, #12\n mov lr, #14\n" ::
          : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "lr", "cc", "memory", "d8", "d9", "d10",
            "d11", "d12", "d13", "d14", "d15");
  if (signal == SIGALRM) timed++;
  else caught++;
}

static volatile int over;
static pthread_t target;
static void *send(void *argument) {
  (void)argument;
  for (int i = 1; i <= SIGNALS && !over; i++) {
    CHECK(pthread_kill(target, SIGUSR1) == 0);
    while (caught < i && !over) sched_yield();
  }
  return NULL;
}

static void fill(Image *image, uint32_t flags, uint32_t fpscr) {
  for (uint32_t i = 0; i < REGISTERS; i++) image->r[i] = i * 0x11111111u;
  for (uint64_t i = 0; i < 32; i++) image->d[i] = i * 0x0102030405060708u + 0x7ff4000000000001u;
  image->flags = flags;
  image->fpscr = fpscr;
}

int main(int count, char **arguments) {
  (void)arguments;
  struct sigaction action = {.sa_sigaction = clobber, .sa_flags = SA_SIGINFO | SA_RESTART};
  CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
  CHECK(sigaction(SIGALRM, &action, NULL) == 0);
  target = pthread_self();
  pthread_t sender;
  CHECK(pthread_create(&sender, NULL, send, NULL) == 0);
  const struct itimerval often = {{0, 3000}, {0, 3000}};
  CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
  /* N, Z, C, V, Q and GE, and FPSCR: flags with exceptions; rounding towards zero. */
  static const uint32_t flags[] = {0x00000000, 0xf80f0000, 0xa8050000, 0x500a0000};
  static const uint32_t fpscrs[] = {0, 0xa000009f, 0x00c00000, 0x60000010};
  for (uint32_t turn = 0; caught < SIGNALS; turn++) {
    Image in, out;
    fill(&in, flags[turn & 3], fpscrs[turn >> 2 & 3]);
    memset(&out, 0, sizeof out);
    (turn & 16 ? kernel_thumb : kernel_arm)(&in, &out, TURNS);
    out.flags &= 0xf80f0000;
    for (int i = 0; i < REGISTERS; i++) CHECK(in.r[i] == out.r[i]);
    for (int i = 0; i < 32; i++) CHECK(in.d[i] == out.d[i]);
    CHECK(in.flags == out.flags);
    CHECK(in.fpscr == out.fpscr);
  }
  over = 1;
  CHECK(pthread_join(sender, NULL) == 0);
  const struct itimerval never = {{0, 0}, {0, 0}};
  CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
  printf("exact: %d from threads, from the timer %s\n", caught, timed > 0 ? "some" : "none");
  /* Where qemu-arm interrupts is its own affair. */
  if (count > 1) printf("within the loops %s\n", inside > 0 ? "some" : "none");
  return 0;
}
