/*
 * Code that changes, in every way that a program may change it. `flush` as the first argument: cacheflush after each
 * change; `bare`: none, which only an emulator forgives. A number after it: rounds of the loop that stores beside itself; and an
 * instruction that stores into the next one must see it done, which qemu-arm does not promise.
 */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "guest.h"

enum { PAGE = 4096, ROUNDS = 60, CALLS = 40 };
static int flushes, exact, stores = 1000;

static void changed(const void *start, size_t size) {
  if (flushes) __builtin___clear_cache((char *)start, (char *)start + size);
}
static uint32_t *pages(int count, int protection) {
  void *at = mmap(NULL, count * PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(at != MAP_FAILED);
  return at;
}
static const int rwx = PROT_READ | PROT_WRITE | PROT_EXEC;
typedef uint32_t Function(uint32_t);
static uint32_t call(const void *code, uint32_t argument) { return ((Function *)(uintptr_t)code)(argument); }

#define BX_LR 0xe12fff1eu
/* add r0, r0, #n (n below 256), A32 */
static uint32_t add(uint32_t n) { return 0xe2800000u | n; }

/* The same instruction again and again, with calls between until it is translated. */
static void same_place(void) {
  uint32_t *code = pages(1, rwx), total = 0;
  code[1] = BX_LR;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    code[0] = add(i);
    changed(code, 8);
    for (int k = 0; k < CALLS; k++) total = call(code, total);
  }
  printf("same place %u\n", total);
}

/* Every halfword of the granule and of the page is code of its own, changed while its neighbours stay in use. */
static void neighbours(void) {
  uint32_t *code = pages(1, rwx), total = 0;
  for (int at = 0; at < PAGE / 4; at += 2) code[at] = add(at & 255), code[at + 1] = BX_LR;
  changed(code, PAGE);
  for (uint32_t round = 0; round < ROUNDS; round++) {
    code[2 * (round % 8)] = add(round);
    changed(code + 2 * (round % 8), 4);
    for (int k = 0; k < CALLS; k++) total = call(code + 2 * (k & 7), total) + call(code + 64 + 2 * k, total);
  }
  printf("neighbours %u\n", total);
}

/* A loop stores data on its own page and in its own granule; what it computes is data only. */
static void data_beside(void) {
  /* 1: ldr r2, [r0]; add r2, r2, r1; str r2, [r0]; subs r1, r1, #1; bne 1b; mov r0, r2; bx lr */
  static const uint32_t loop[] = {0xe5902000, 0xe0822001, 0xe5802000, 0xe2511001, 0x1afffffa, 0xe1a00002, BX_LR};
  typedef uint32_t Loop(uint32_t *, uint32_t);
  uint32_t *code = pages(1, rwx);
  memcpy(code, loop, sizeof loop);
  changed(code, sizeof loop);
  Loop *run = (Loop *)(uintptr_t)code;
  code[512] = 0;
  const uint32_t wanted = (uint32_t)((uint64_t)stores * (stores + 1) / 2 * 5);
  uint32_t on_page = 0;
  for (int i = 0; i < 5; i++) on_page = run(code + 512, stores);
  CHECK(on_page == wanted);
  code[15] = 0;
  uint32_t in_granule = 0;
  for (int i = 0; i < 4; i++) in_granule = run(code + 15, 200);
  printf("data on the page, in the granule %u\n", in_granule);
}

/* An instruction stores into the one that follows it, and into one of a loop that runs. */
static void next_instruction(void) {
  /* str r1, [pc, #-4]: the next word; add r0, #0 as it was; bx lr */
  uint32_t *code = pages(1, rwx), total = 0;
  typedef uint32_t Two(uint32_t, uint32_t);
  code[0] = 0xe50f1004;
  code[1] = add(0);
  code[2] = BX_LR;
  changed(code, 12);
  for (uint32_t i = 0; i < ROUNDS; i++) total = ((Two *)(uintptr_t)code)(total, add(i & 127));
  CHECK(!exact || total == ROUNDS * (ROUNDS - 1) / 2);
  /* 1: add r0, r0, #1 (becomes #2); subs r1, r1, #1; streq r2, [r3]; moveq r1, r12; moveq r12, #0; cmp r1, #0; bne 1b */
  static const uint32_t loop[] = {0xe2800001, 0xe2511001, 0x05832000, 0x01a0100c, 0x03a0c000, 0xe3510000, 0x1afffff8, BX_LR};
  memcpy(code + 64, loop, sizeof loop);
  changed(code + 64, sizeof loop);
  register uint32_t r0 __asm__("r0") = 0, r1 __asm__("r1") = 3000, r2 __asm__("r2") = add(2);
  register uint32_t *r3 __asm__("r3") = code + 64;
  register uint32_t r12 __asm__("r12") = 500;
  __asm__ volatile("blx %5" : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r12) : "r"(code + 64) : "lr", "cc", "memory");
  printf("running loop %u\n", r0);
}

/* STM, VSTM and VST1 over several instructions at once, in a granule and over the end of one. */
static void wide_stores(void) {
  uint32_t *code = pages(2, rwx), total = 0;
  uint32_t made[8];
  static const int offsets[] = {0, 12, 16, 1020, 1022};
  for (uint32_t i = 0; i < ROUNDS; i++) {
    uint32_t *at = code + offsets[i % 5];
    for (int k = 0; k < 7; k++) made[k] = add((i * 7 + k) & 255);
    made[7] = BX_LR;
    switch (i % 3) {
      case 0: __asm__ volatile("ldm %0, {r3-r10}\n stm %1, {r3-r10}" ::"r"(made), "r"(at) : "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "memory"); break;
      case 1: __asm__ volatile("vldm %0, {d16-d19}\n vstm %1, {d16-d19}" ::"r"(made), "r"(at) : "d16", "d17", "d18", "d19", "memory"); break;
      default: __asm__ volatile("vld1.32 {d20-d23}, [%0]\n vst1.32 {d20-d23}, [%1]" ::"r"(made), "r"(at) : "d20", "d21", "d22", "d23", "memory");
    }
    changed(at, 32);
    for (int k = 0; k < CALLS; k++) total = call(at, total);
  }
  printf("wide stores %u\n", total);
}

/* Writable, then executable, never both; a fault where it is neither. */
static sigjmp_buf resume;
static void leave(int signal) { siglongjmp(resume, signal); }
static void protection(void) {
  uint32_t *code = pages(2, PROT_READ | PROT_WRITE), total = 0;
  for (int at = 0; at < 2 * PAGE / 4; at += 2) code[at] = add(at & 127), code[at + 1] = BX_LR;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    CHECK(mprotect(code, 2 * PAGE, PROT_READ | PROT_WRITE) == 0);
    code[2 * (i % 40)] = add(i);
    CHECK(mprotect(code, 2 * PAGE, PROT_READ | PROT_EXEC) == 0);
    changed(code, 2 * PAGE);
    for (int k = 0; k < CALLS; k++) total = call(code + 2 * k, total);
  }
  const struct sigaction action = {.sa_handler = leave, .sa_flags = SA_NODEFER};
  CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
  int faults = 0;
  for (volatile int i = 0; i < 10; i++) {
    CHECK(mprotect(code, PAGE, i & 1 ? PROT_READ : PROT_READ | PROT_EXEC) == 0);
    if (sigsetjmp(resume, 1) == 0) total = call(code, total);
    else faults++;
  }
  printf("protection %u, faults %d\n", total, faults);
}

/* Other code at an address that was unmapped, or mapped over, and code that is read from a file. */
static void mapped_anew(void) {
  uint32_t *code = pages(1, rwx), total = 0;
  int ends[2];
  CHECK(pipe(ends) == 0);
  for (uint32_t i = 0; i < 30; i++) {
    if (i & 1) CHECK(munmap(code, PAGE) == 0);
    CHECK(mmap(code, PAGE, rwx, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == code);
    const uint32_t made[] = {add(i), BX_LR};
    if (i % 3 == 0) {
      CHECK(write(ends[1], made, sizeof made) == sizeof made);
      CHECK(read(ends[0], code, sizeof made) == sizeof made);
    } else {
      memcpy(code, made, sizeof made);
    }
    changed(code, sizeof made);
    for (int k = 0; k < CALLS; k++) total = call(code, total);
    /* Read over what runs, without a new mapping. */
    const uint32_t other[] = {add(i + 1), BX_LR};
    CHECK(write(ends[1], other, sizeof other) == sizeof other);
    CHECK(read(ends[0], code, sizeof other) == sizeof other);
    changed(code, sizeof other);
    total = call(code, total);
  }
  printf("mapped anew %u\n", total);
}

/* Code on the stack, as trampolines of nested functions are. */
__attribute__((noinline)) static uint32_t on_stack(uint32_t total, uint32_t n) {
  uint32_t code[2] __attribute__((aligned(8))) = {add(n), BX_LR};
  __asm__ volatile("" ::"r"(code) : "memory");
  changed(code, sizeof code);
  for (int k = 0; k < 5; k++) total = call(code, total);
  return total;
}
static void stack(void) {
  const uintptr_t top = (uintptr_t)__builtin_frame_address(0);
  CHECK(mprotect((void *)((top - 8 * PAGE) & -PAGE), 9 * PAGE, rwx) == 0);
  uint32_t total = 0;
  for (uint32_t i = 0; i < 200; i++) total = on_stack(total, i & 63);
  printf("on the stack %u\n", total);
}

/* The same bytes as A32 and as Thumb, entered in either state, then changed. */
static void two_states(void) {
  uint32_t *code = pages(1, rwx), total = 0;
  for (uint32_t i = 0; i < ROUNDS; i++) {
    /* Thumb: adds r0, #i; bx lr. A32: a load under the condition MI. */
    code[0] = 0x47703000u | (i & 127);
    code[1] = add(i & 63);
    code[2] = BX_LR;
    changed(code, 12);
    for (int k = 0; k < CALLS; k++) {
      total = call((char *)code + 1, total);
      total = call(code + 1, total);
      /* N is clear: A32 passes over the first word. */
      register uint32_t r0 __asm__("r0") = total;
      __asm__ volatile("msr APSR_nzcvq, %1\n blx %2" : "+r"(r0) : "r"(0), "r"(code) : "r1", "r2", "r3", "r12", "lr", "cc", "memory");
      total = r0;
    }
  }
  printf("two states %u\n", total);
}

/* Atomics and a futex call on a word of a page that runs. */
static void atomics(void) {
  uint32_t *code = pages(1, rwx), total = 0;
  code[0] = add(3);
  code[1] = BX_LR;
  changed(code, 8);
  for (int i = 0; i < 300; i++) {
    total = call(code, total);
    __atomic_fetch_add(code + 300, 1, __ATOMIC_SEQ_CST);
    __atomic_fetch_add((uint64_t *)(code + 4), 1, __ATOMIC_SEQ_CST);
    if (i % 50 == 0) {
      __atomic_store_n(code, add(i & 127), __ATOMIC_SEQ_CST);
      changed(code, 4);
      CHECK(syscall(SYS_futex, code + 300, 1 /* FUTEX_WAKE */, 1, NULL, NULL, 0) == 0);
    }
  }
  printf("atomics %u %u %u\n", total, code[300], code[4]);
}

int main(int count, char **arguments) {
  flushes = count > 1 && strcmp(arguments[1], "flush") == 0;
  if (count > 2) exact = 1, stores = atoi(arguments[2]);
  same_place();
  neighbours();
  data_beside();
  next_instruction();
  wide_stores();
  protection();
  mapped_anew();
  stack();
  two_states();
  atomics();
  return 0;
}
