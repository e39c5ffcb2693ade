/* What the processor announces, and which instructions it has: tried in threads, so on every node. */
#include <asm/hwcap.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/auxv.h>
#include "threads.h"

/* ThumbEE's registers and announcement are the reference's alone; bits above are of kernels younger than it. */
enum { COMPARED = 0x1fffff & ~HWCAP_THUMBEE, COMPARED2 = 0x1f };

typedef struct {
  const char *name;
  void (*run)(void);
} Probe;

#define PROBE(name, encoding) \
  __attribute__((naked, target("arm"))) static void name(void) { asm volatile(".inst " #encoding "\n bx lr"); }

PROBE(swp, 0xe10d0090)                /* swp r0, r0, [sp] */
PROBE(sdiv, 0xe710f110)               /* sdiv r0, r0, r1 */
PROBE(vadd, 0xf2000d40)               /* vadd.f32 q0, q0, q0 */
PROBE(vcvtb, 0xeeb20a40)              /* vcvtb.f32.f16 s0, s0 */
PROBE(vfma, 0xeea00a20)               /* vfma.f32 s0, s0, s1 */
PROBE(lda, 0xe19d0c9f)                /* lda r0, [sp] */
PROBE(crc32, 0xe1000040)              /* crc32b r0, r0, r0 */
PROBE(aese, 0xf3b00300)               /* aese.8 q0, q0 */
PROBE(sha1h, 0xf3b902c0)              /* sha1h.32 q0, q0 */
PROBE(sha256h, 0xf3000c40)            /* sha256h.32 q0, q0, q0 */
PROBE(pmull, 0xf2a00e00)              /* vmull.p64 q0, d0, d0 */
PROBE(vsel, 0xfe000a00)               /* vseleq.f32 s0, s0, s0 */
PROBE(vrinta, 0xfeb80a40)             /* vrinta.f32 s0, s0 */
PROBE(vmaxnm, 0xf3000f10)             /* vmaxnm.f32 d0, d0, d0 */
PROBE(vadd16, 0xee300900)             /* vadd.f16 s0, s0, s0 */
PROBE(vudot, 0xfc200d10)              /* vudot.u8 d0, d0, d0 */
PROBE(vjcvt, 0xeeb90bc0)              /* vjcvt.s32.f64 s0, d0 */
PROBE(vqrdmlah, 0xf3100b10)           /* vqrdmlah.s16 d0, d0, d0 */
PROBE(vcadd, 0xfc900800)              /* vcadd.f32 d0, d0, d0, #90 */
PROBE(vfmal, 0xfc200810)              /* vfmal.f16 d0, s0, s0 */
PROBE(vdot, 0xfc000d00)               /* vdot.bf16 d0, d0, d0 */
PROBE(vummla, 0xfc200c50)             /* vummla.u8 q0, q0, q0 */
PROBE(sb, 0xf57ff070)                 /* sb */
PROBE(undefined, 0xe7f000f1)          /* udf #1 */

static const Probe probes[] = {
  {"swp", swp}, {"sdiv", sdiv}, {"vadd", vadd}, {"vcvtb", vcvtb}, {"vfma", vfma}, {"lda", lda},
  {"crc32", crc32}, {"aese", aese}, {"sha1h", sha1h}, {"sha256h", sha256h}, {"pmull", pmull},
  {"vsel", vsel}, {"vrinta", vrinta}, {"vmaxnm", vmaxnm}, {"vadd.f16", vadd16}, {"vudot", vudot}, {"vjcvt", vjcvt},
  {"vqrdmlah", vqrdmlah}, {"vcadd", vcadd}, {"vfmal", vfmal}, {"vdot", vdot}, {"vummla", vummla}, {"sb", sb},
  {"udf", undefined},
};
enum { PROBES = sizeof probes / sizeof *probes, THREADS = 4, ROUNDS = 200 };

static __thread sigjmp_buf before;

static void refused(int signal) { siglongjmp(before, signal); }

/* A bit for each probe that is there; each is tried often enough to be translated. */
static void *try_all(void *unused) {
  (void)unused;
  long there = 0;
  for (int i = 0; i < PROBES; i++) {
    volatile int done = 0;
    for (volatile int round = 0; round < ROUNDS; round++)
      if (sigsetjmp(before, 1) == 0) {
        probes[i].run();
        done++;
      }
    CHECK(done == 0 || done == ROUNDS);
    there |= (long)(done != 0) << i;
  }
  return (void *)there;
}

int main(void) {
  struct sigaction action = {.sa_handler = refused};
  CHECK(sigaction(SIGILL, &action, NULL) == 0);
  printf("hwcap %08lx hwcap2 %08lx\n", getauxval(AT_HWCAP) & COMPARED, getauxval(AT_HWCAP2) & COMPARED2);
  printf("platform %s\n", (const char *)getauxval(AT_PLATFORM));
  const long there = (long)try_all(NULL);
  for (int i = 0; i < PROBES; i++) printf("%s %s\n", probes[i].name, there >> i & 1 ? "is there" : "is not there");
  CHECK(run_team(THREADS, try_all) == THREADS * there);
  return 0;
}
