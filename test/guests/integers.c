/*
 * Integer instructions that a compiler seldom chooses, one by one through inline assembly, over edge values:
 * results and the flags N Z C V Q GE they leave. Builds as A32 and as T32.
 */
#include "guest.h"

static const uint32_t edges[] = {0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 0x00ff00ff, 0x7fff8000, 0x80017ffe, 0x12345678,
                                 0xdeadbeef};
enum { EDGES = sizeof edges / sizeof *edges };

/* The table: one line an instruction; each becomes a function (a, b, c) -> result, flags read right behind it. */
#define UNARY(X) \
  X(clz, "clz %0, %1") X(rbit, "rbit %0, %1") X(rev, "rev %0, %1") X(rev16, "rev16 %0, %1") X(revsh, "revsh %0, %1") \
  X(sxtb, "sxtb %0, %1, ror #8") X(sxth, "sxth %0, %1, ror #16") X(uxtb, "uxtb %0, %1, ror #24") X(uxth, "uxth %0, %1, ror #8") \
  X(sxtb16, "sxtb16 %0, %1") X(uxtb16, "uxtb16 %0, %1, ror #8") X(ssat8, "ssat %0, #8, %1") X(ssat_asr, "ssat %0, #16, %1, asr #3") \
  X(ssat_lsl, "ssat %0, #20, %1, lsl #5") X(usat8, "usat %0, #8, %1") X(usat_lsl, "usat %0, #31, %1, lsl #1") X(usat0, "usat %0, #0, %1") \
  X(ssat16, "ssat16 %0, #9, %1") X(usat16, "usat16 %0, #7, %1") X(ubfx, "ubfx %0, %1, #5, #13") X(sbfx, "sbfx %0, %1, #3, #9") \
  X(ubfx32, "ubfx %0, %1, #31, #1") X(rrxs, "rrxs %0, %1") X(lsrs32, "lsrs %0, %1, #32") X(asrs32, "asrs %0, %1, #32") X(rors7, "rors %0, %1, #7") \
  X(mvns, "mvns %0, %1, lsl #3") X(rsbs, "rsbs %0, %1, #0") X(adds_imm, "adds %0, %1, #0xff00") X(movt, "mov %0, %1\n movt %0, #0xabcd")
#define BINARY(X) \
  X(qadd, "qadd %0, %1, %2") X(qsub, "qsub %0, %1, %2") X(qdadd, "qdadd %0, %1, %2") X(qdsub, "qdsub %0, %1, %2") \
  X(qadd16, "qadd16 %0, %1, %2") X(qsub16, "qsub16 %0, %1, %2") X(qadd8, "qadd8 %0, %1, %2") X(qsub8, "qsub8 %0, %1, %2") \
  X(qasx, "qasx %0, %1, %2") X(qsax, "qsax %0, %1, %2") X(uqadd8, "uqadd8 %0, %1, %2") X(uqsub8, "uqsub8 %0, %1, %2") \
  X(uqadd16, "uqadd16 %0, %1, %2") X(uqsub16, "uqsub16 %0, %1, %2") X(uqasx, "uqasx %0, %1, %2") X(uqsax, "uqsax %0, %1, %2") \
  X(sadd16, "sadd16 %0, %1, %2") X(ssub16, "ssub16 %0, %1, %2") X(sadd8, "sadd8 %0, %1, %2") X(ssub8, "ssub8 %0, %1, %2") \
  X(sasx, "sasx %0, %1, %2") X(ssax, "ssax %0, %1, %2") X(uadd16, "uadd16 %0, %1, %2") X(usub16, "usub16 %0, %1, %2") \
  X(uadd8, "uadd8 %0, %1, %2") X(usub8, "usub8 %0, %1, %2") X(uasx, "uasx %0, %1, %2") X(usax, "usax %0, %1, %2") \
  X(shadd16, "shadd16 %0, %1, %2") X(shsub16, "shsub16 %0, %1, %2") X(shadd8, "shadd8 %0, %1, %2") X(shsub8, "shsub8 %0, %1, %2") \
  X(shasx, "shasx %0, %1, %2") X(shsax, "shsax %0, %1, %2") X(uhadd16, "uhadd16 %0, %1, %2") X(uhsub16, "uhsub16 %0, %1, %2") \
  X(uhadd8, "uhadd8 %0, %1, %2") X(uhsub8, "uhsub8 %0, %1, %2") X(uhasx, "uhasx %0, %1, %2") X(uhsax, "uhsax %0, %1, %2") \
  X(sel, "uadd8 %0, %1, %2\n sel %0, %1, %2") X(ssel, "ssub8 %0, %2, %1\n sel %0, %1, %2") \
  X(sxtab, "sxtab %0, %1, %2, ror #8") X(sxtah, "sxtah %0, %1, %2, ror #24") X(uxtab, "uxtab %0, %1, %2") X(uxtah, "uxtah %0, %1, %2, ror #16") \
  X(sxtab16, "sxtab16 %0, %1, %2, ror #8") X(uxtab16, "uxtab16 %0, %1, %2, ror #16") \
  X(pkhbt, "pkhbt %0, %1, %2, lsl #4") X(pkhtb, "pkhtb %0, %1, %2, asr #9") X(pkhtb32, "pkhtb %0, %1, %2, asr #32") \
  X(usad8, "usad8 %0, %1, %2") X(smulbb, "smulbb %0, %1, %2") X(smulbt, "smulbt %0, %1, %2") X(smultb, "smultb %0, %1, %2") X(smultt, "smultt %0, %1, %2") \
  X(smulwb, "smulwb %0, %1, %2") X(smulwt, "smulwt %0, %1, %2") X(smuad, "smuad %0, %1, %2") X(smuadx, "smuadx %0, %1, %2") X(smusd, "smusd %0, %1, %2") \
  X(smusdx, "smusdx %0, %1, %2") X(smmul, "smmul %0, %1, %2") X(smmulr, "smmulr %0, %1, %2") X(sdiv, "sdiv %0, %1, %2") X(udiv, "udiv %0, %1, %2") \
  X(mul, "mul %0, %1, %2") X(adds, "adds %0, %1, %2") X(subs, "subs %0, %1, %2") X(adcs, "cmp %1, #1\n adcs %0, %1, %2") X(sbcs, "cmp %2, #1\n sbcs %0, %1, %2") \
  X(lsls, "lsls %0, %1, %2") X(lsrs, "lsrs %0, %1, %2") X(asrs, "asrs %0, %1, %2") X(rors, "rors %0, %1, %2") X(adds_lsl, "adds %0, %1, %2, lsl #7") \
  X(subs_asr, "subs %0, %1, %2, asr #31") X(ands_lsr, "ands %0, %1, %2, lsr #1") X(orrs_ror, "orrs %0, %1, %2, ror #9") X(eors_lsl, "eors %0, %1, %2, lsl #31") \
  X(bics, "bics %0, %1, %2, lsr #4") X(tst_ror, "tst %1, %2, ror #3\n mov %0, #0") X(teq, "teq %1, %2, lsl #1\n mov %0, #0") X(cmn, "cmn %1, %2\n mov %0, #0")
#define TERNARY(X) \
  X(mla, "mla %0, %1, %2, %3") X(mls, "mls %0, %1, %2, %3") X(smlabb, "smlabb %0, %1, %2, %3") X(smlatt, "smlatt %0, %1, %2, %3") X(smlabt, "smlabt %0, %1, %2, %3") \
  X(smlawb, "smlawb %0, %1, %2, %3") X(smlawt, "smlawt %0, %1, %2, %3") X(smlad, "smlad %0, %1, %2, %3") X(smladx, "smladx %0, %1, %2, %3") \
  X(smlsd, "smlsd %0, %1, %2, %3") X(smlsdx, "smlsdx %0, %1, %2, %3") X(smmla, "smmla %0, %1, %2, %3") X(smmlar, "smmlar %0, %1, %2, %3") \
  X(smmls, "smmls %0, %1, %2, %3") X(smmlsr, "smmlsr %0, %1, %2, %3") X(usada8, "usada8 %0, %1, %2, %3") \
  X(bfi, "mov %0, %1\n bfi %0, %2, #7, #11") X(bfi0, "mov %0, %3\n bfi %0, %1, #0, #31") X(bfc, "mov %0, %1\n bfc %0, #13, #12")
/* low and high word start as b and c */
#define LONG(X) \
  X(umull, "umull %0, %1, %2, %3") X(smull, "smull %0, %1, %2, %3") X(umlal, "umlal %0, %1, %2, %3") X(smlal, "smlal %0, %1, %2, %3") X(umaal, "umaal %0, %1, %2, %3") \
  X(smlalbb, "smlalbb %0, %1, %2, %3") X(smlalbt, "smlalbt %0, %1, %2, %3") X(smlaltb, "smlaltb %0, %1, %2, %3") X(smlaltt, "smlaltt %0, %1, %2, %3") \
  X(smlald, "smlald %0, %1, %2, %3") X(smlaldx, "smlaldx %0, %1, %2, %3") X(smlsld, "smlsld %0, %1, %2, %3") X(smlsldx, "smlsldx %0, %1, %2, %3")

typedef struct {
  uint32_t low, high, flags;
} Result;
typedef void Operation(uint32_t a, uint32_t b, uint32_t c, Result *result);

#define MAKE_UNARY(name, text)                                                                                                       \
  __attribute__((noinline)) static void do_##name(uint32_t a, uint32_t b, uint32_t c, Result *result) {                              \
    uint32_t out, flags;                                                                                                             \
    __asm__ volatile("msr APSR_nzcvqg, %3\n" text "\n mrs %2, APSR" : "=&r"(out), "+r"(a), "=&r"(flags) : "r"(0) : "cc");            \
    *result = (Result){out, b ^ b ^ c ^ c, flags & 0xf80f0000};                                                                      \
  }
#define MAKE_BINARY(name, text)                                                                                                            \
  __attribute__((noinline)) static void do_##name(uint32_t a, uint32_t b, uint32_t c, Result *result) {                                    \
    uint32_t out, flags;                                                                                                                   \
    __asm__ volatile("msr APSR_nzcvqg, %4\n" text "\n mrs %3, APSR" : "=&r"(out), "+r"(a), "+r"(b), "=&r"(flags) : "r"(0) : "cc");         \
    *result = (Result){out, c ^ c, flags & 0xf80f0000};                                                                                    \
  }
#define MAKE_TERNARY(name, text)                                                                                                           \
  __attribute__((noinline)) static void do_##name(uint32_t a, uint32_t b, uint32_t c, Result *result) {                                    \
    uint32_t out, flags;                                                                                                                   \
    __asm__ volatile("msr APSR_nzcvqg, %5\n" text "\n mrs %4, APSR" : "=&r"(out), "+r"(a), "+r"(b), "+r"(c), "=&r"(flags) : "r"(0) : "cc"); \
    *result = (Result){out, 0, flags & 0xf80f0000};                                                                                        \
  }
#define MAKE_LONG(name, text)                                                                                                                           \
  __attribute__((noinline)) static void do_##name(uint32_t a, uint32_t b, uint32_t c, Result *result) {                                                 \
    uint32_t low = b, high = c, flags;                                                                                                                  \
    __asm__ volatile("msr APSR_nzcvqg, %5\n" text "\n mrs %4, APSR" : "+&r"(low), "+&r"(high), "+r"(a), "+r"(b), "=&r"(flags) : "r"(0) : "cc");         \
    *result = (Result){low, high, flags & 0xf80f0000};                                                                                                  \
  }
UNARY(MAKE_UNARY)
BINARY(MAKE_BINARY)
TERNARY(MAKE_TERNARY)
LONG(MAKE_LONG)

static const struct {
  const char *name;
  Operation *operation;
  int operands;
} table[] = {
#define ROW1(name, text) {#name, do_##name, 1},
#define ROW2(name, text) {#name, do_##name, 2},
#define ROW3(name, text) {#name, do_##name, 3},
    UNARY(ROW1) BINARY(ROW2) TERNARY(ROW3) LONG(ROW3)};

int main(void) {
  for (size_t t = 0; t < sizeof table / sizeof *table; t++) {
    uint32_t sum = CHECKSUM_START;
    Result result = {0, 0, 0}, sample = result;
    Random random = {17};
    for (int i = 0; i < EDGES; i++)
      for (int j = 0; j < (table[t].operands > 1 ? EDGES : 1); j++) {
        table[t].operation(edges[i], edges[j], edges[(i * 7 + j * 3) % EDGES], &result);
        sum = checksum(sum, &result, sizeof result);
        if (i == 11 && j == EDGES / 2 - (table[t].operands == 1) * (EDGES / 2)) sample = result;
      }
    for (int i = 0; i < 100; i++) {
      const uint32_t a = random_next(&random), b = random_next(&random), c = random_next(&random);
      table[t].operation(a, b, c, &result);
      sum = checksum(sum, &result, sizeof result);
    }
    printf("%-9s %08x sample %08x %08x %08x\n", table[t].name, sum, sample.low, sample.high, sample.flags);
  }
  return 0;
}
