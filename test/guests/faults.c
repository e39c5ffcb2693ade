/* Faults caught by handlers: SIGSEGV with its address, left by siglongjmp or mended by mprotect; SIGBUS; SIGILL. */
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include "guest.h"

static sigjmp_buf resume;
static volatile uintptr_t fault_address;
static volatile sig_atomic_t fault_code, mended;
static unsigned char *page;

static void leave(int signal, siginfo_t *info, void *context) {
  (void)context;
  fault_address = (uintptr_t)info->si_addr;
  fault_code = info->si_code;
  siglongjmp(resume, signal);
}
static void mend(int signal, siginfo_t *info, void *context) {
  (void)signal;
  (void)context;
  CHECK((unsigned char *)info->si_addr >= page && (unsigned char *)info->si_addr < page + 8192);
  mended++;
  mprotect(page, 8192, PROT_READ | PROT_WRITE);
}
static void skip(int signal, siginfo_t *info, void *raw) {
  (void)signal;
  (void)info;
  ucontext_t *context = raw;
  context->uc_mcontext.arm_pc += 4;
  context->uc_mcontext.arm_r0 = 77;
}
static void install(int signal, void (*handler)(int, siginfo_t *, void *)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER};
  CHECK(sigaction(signal, &action, NULL) == 0);
}

int main(void) {
  install(SIGSEGV, leave);
  static const uintptr_t wild[] = {0, 4, 0x1000, 0xe0000000, 0x70000003};
  for (int i = 0; i < 5; i++)
    for (volatile int kind = 0; kind < 2; kind++) {
      const int signal = sigsetjmp(resume, 1);
      if (signal == 0) {
        if (kind) *(volatile unsigned char *)wild[i] = 1;
        else (void)*(volatile unsigned char *)wild[i];
        printf("no fault at %x\n", (unsigned)wild[i]);
      } else {
        printf("%s %x: signal %d at the address %d\n", kind ? "write" : "read", (unsigned)wild[i], signal, fault_address == wild[i]);
      }
    }

  page = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(page != MAP_FAILED);
  if (sigsetjmp(resume, 1) == 0) page[100] = 1;
  else printf("read-only page: code %d offset %d\n", fault_code == SEGV_ACCERR, (int)(fault_address - (uintptr_t)page));
  install(SIGSEGV, mend);
  uint32_t sum = 0;
  for (int i = 0; i < 8192; i++) page[i] = (unsigned char)(i * 7);
  for (int i = 0; i < 8192; i++) sum += page[i];
  printf("mended %d sum %u\n", mended, sum);

  /* Registers are exact at a fault: the loop counter counts what was stored before it. */
  install(SIGSEGV, leave);
  mprotect(page + 4096, 4096, PROT_NONE);
  volatile int stored = 0;
  if (sigsetjmp(resume, 1) == 0)
    for (unsigned char *p = page; p < page + 8192; p++) *p = 9, stored++;
  printf("stored %d at offset %d\n", stored, (int)(fault_address - (uintptr_t)page));

  /* A32 code lies at multiples of 4: nothing is fetched from between them. */
  install(SIGBUS, leave);
  const uintptr_t between = ((uintptr_t)main & ~3u) + 2;
  const int signal = sigsetjmp(resume, 1);
  if (signal == 0) ((void (*)(void))between)();
  printf("branch: signal %d code %d at the address %d\n", signal, fault_code == BUS_ADRALN, fault_address == between);

  install(SIGILL, skip);
  register uint32_t r0 __asm__("r0") = 5;
  __asm__ volatile(".inst.w 0xf7f1a234" : "+r"(r0)::"memory");
  printf("skipped, r0 %u\n", r0);
  fflush(stdout);
  return 0;
}
