/*
 * Litmus tests of memory order: each is a shape (what each thread reads and writes) with an order in each thread that
 * makes two accesses. An outcome that Arm forbids must not come; of the others the counts are printed.
 *
 * What is forbidden follows from the external and internal visibility requirements of the Arm Architecture Reference
 * Manual (DDI 0487, B2.3, for AArch32 E2.3): barrier-ordered-before for DMB, LDA and STL, dependency-ordered-before for
 * addresses, data and control. The shapes and their names are those of Maranget, Sarkar and Sewell, A Tutorial
 * Introduction to the ARM and POWER Relaxed Memory Models (2012), and of herd's and diy's published tables; that the
 * multi-copy atomic ones (WRC, IRIW, RWC with dependencies) are forbidden is Pulte and others, Simplifying ARM
 * Concurrency (POPL 2018).
 *
 * Usage: litmus-shapes within|between ITERATIONS [TEST...], or `list` for the tests' names
 */
#include "litmus.h"

/* One thread's accesses: `first` and `second` are what to write beforehand and what was read afterwards. */
typedef void Accesses(volatile uint32_t *a, volatile uint32_t *b, uint32_t *first, uint32_t *second);

#define ACCESSES(name, code)                                                                            \
  static void name(volatile uint32_t *a, volatile uint32_t *b, uint32_t *first, uint32_t *second) {     \
    uint32_t one = *first, two = *second, scratch;                                                      \
    __asm__ volatile(code : "+&r"(one), "+&r"(two), "=&r"(scratch) : "r"(a), "r"(b) : "memory", "cc");  \
    *first = one;                                                                                       \
    *second = two;                                                                                      \
  }

#define W1 "str %0, [%3]\n"
#define R1 "ldr %0, [%3]\n"
#define W2 "str %1, [%4]\n"
#define R2 "ldr %1, [%4]\n"
#define STL1 "stl %0, [%3]\n"
#define LDA1 "lda %0, [%3]\n"
#define STL2 "stl %1, [%4]\n"
#define LDA2 "lda %1, [%4]\n"
#define DMB "dmb ish\n"
#define DMB_ST "dmb ishst\n"
#define DMB_LD "dmb ishld\n"
/* What depends on the value read, and is the same whatever was read. */
#define ZERO "eor %2, %0, %0\n"
#define BRANCH "cmp %0, #1\n bne 0f\n nop\n 0:\n"

ACCESSES(w, W1)
ACCESSES(r, R1)
ACCESSES(ww, W1 W2)
ACCESSES(wr, W1 R2)
ACCESSES(rw, R1 W2)
ACCESSES(rr, R1 R2)
ACCESSES(ww_dmb, W1 DMB W2)
ACCESSES(wr_dmb, W1 DMB R2)
ACCESSES(rw_dmb, R1 DMB W2)
ACCESSES(rr_dmb, R1 DMB R2)
ACCESSES(ww_dmb_st, W1 DMB_ST W2)
ACCESSES(rw_dmb_ld, R1 DMB_LD W2)
ACCESSES(rr_dmb_ld, R1 DMB_LD R2)
ACCESSES(rw_addr, R1 ZERO "str %1, [%4, %2]\n")
ACCESSES(rr_addr, R1 ZERO "ldr %1, [%4, %2]\n")
ACCESSES(rw_data, R1 ZERO "add %1, %1, %2\n" W2)
ACCESSES(rw_ctrl, R1 BRANCH W2)
ACCESSES(rr_ctrl_isb, R1 BRANCH "isb\n" R2)
ACCESSES(ww_release, W1 STL2)
ACCESSES(rw_release, R1 STL2)
ACCESSES(rw_acquire, LDA1 W2)
ACCESSES(rr_acquire, LDA1 R2)
ACCESSES(wr_both, STL1 LDA2)

typedef enum { WW, WR, RW, RR, W, R, NONE } Kind;
typedef enum { PO, DMBS, DMB_HALF, ADDR, DATA, CTRL, ACQ, REL, AL } Order;

/* The column is the kind of the thread's accesses. Where one order is not there for a kind, no test asks for it. */
static const struct {
  const char *name;
  Accesses *accesses[NONE];
} orders[] = {
  [PO] = {"po", {ww, wr, rw, rr, w, r}},
  [DMBS] = {"dmb", {ww_dmb, wr_dmb, rw_dmb, rr_dmb}},
  [DMB_HALF] = {"dmb-st/ld", {ww_dmb_st, NULL, rw_dmb_ld, rr_dmb_ld}},
  [ADDR] = {"addr", {NULL, NULL, rw_addr, rr_addr}},
  [DATA] = {"data", {NULL, NULL, rw_data, NULL}},
  [CTRL] = {"ctrl", {NULL, NULL, rw_ctrl, rr_ctrl_isb}},
  [ACQ] = {"acquire", {NULL, NULL, rw_acquire, rr_acquire}},
  [REL] = {"release", {ww_release, NULL, rw_release, NULL}},
  [AL] = {"stl-lda", {NULL, wr_both, NULL, NULL}},
};

typedef enum { X, Y } Variable;

/* An outcome is a number of two-bit fields: what each thread read first and second, and the last values of x and y. */
enum { OUTCOME_X = TEAM * 2, OUTCOME_Y, OUTCOME_FIELDS };
#define FIELD(at, value) (3ull << (2 * (at)) << 32 | (uint64_t)(value) << (2 * (at)))
#define FIRST(thread, value) FIELD((thread) * 2, value)
#define SECOND(thread, value) FIELD((thread) * 2 + 1, value)
#define LAST(variable, value) FIELD(OUTCOME_X + (variable), value)

typedef struct {
  const char *name;
  /* The outcome in question: a mask of fields above, their values below. */
  uint64_t outcome;
  struct {
    Kind kind;
    Variable a;
    uint32_t va;
    Variable b;
    uint32_t vb;
  } threads[TEAM];
} Shape;

#define UNUSED {NONE}
static const Shape
  SB = {"SB", SECOND(0, 0) | SECOND(1, 0), {{WR, X, 1, Y}, {WR, Y, 1, X}, UNUSED, UNUSED}},
  LB = {"LB", FIRST(0, 1) | FIRST(1, 1), {{RW, X, 0, Y, 1}, {RW, Y, 0, X, 1}, UNUSED, UNUSED}},
  MP = {"MP", FIRST(1, 1) | SECOND(1, 0), {{WW, X, 1, Y, 1}, {RR, Y, 0, X}, UNUSED, UNUSED}},
  S = {"S", FIRST(1, 1) | LAST(X, 2), {{WW, X, 2, Y, 1}, {RW, Y, 0, X, 1}, UNUSED, UNUSED}},
  RR_ = {"R", LAST(Y, 2) | SECOND(1, 0), {{WW, X, 1, Y, 1}, {WR, Y, 2, X}, UNUSED, UNUSED}},
  TWO = {"2+2W", LAST(X, 2) | LAST(Y, 2), {{WW, X, 2, Y, 1}, {WW, Y, 2, X, 1}, UNUSED, UNUSED}},
  WRC = {"WRC", FIRST(1, 1) | FIRST(2, 1) | SECOND(2, 0), {{W, X, 1}, {RW, X, 0, Y, 1}, {RR, Y, 0, X}, UNUSED}},
  RWC = {"RWC", FIRST(1, 1) | SECOND(1, 0) | SECOND(2, 0), {{W, X, 1}, {RR, X, 0, Y}, {WR, Y, 1, X}, UNUSED}},
  WWC = {"WWC", FIRST(1, 2) | FIRST(2, 1) | LAST(X, 2), {{W, X, 2}, {RW, X, 0, Y, 1}, {RW, Y, 0, X, 1}, UNUSED}},
  IRIW = {"IRIW", FIRST(2, 1) | SECOND(2, 0) | FIRST(3, 1) | SECOND(3, 0),
          {{W, X, 1}, {W, Y, 1}, {RR, X, 0, Y}, {RR, Y, 0, X}}},
  CORR = {"CoRR", FIRST(1, 1) | SECOND(1, 0), {{W, X, 1}, {RR, X, 0, X}, UNUSED, UNUSED}},
  COWW = {"CoWW", LAST(X, 1), {{WW, X, 1, X, 2}, {R, X}, UNUSED, UNUSED}},
  CORW = {"CoRW", FIRST(0, 2) | LAST(X, 2), {{RW, X, 0, X, 1}, {W, X, 2}, UNUSED, UNUSED}},
  COWR = {"CoWR", SECOND(0, 2) | LAST(X, 1), {{WR, X, 1, X}, {W, X, 2}, UNUSED, UNUSED}},
  CORR2 = {"CoRR2", FIRST(2, 1) | SECOND(2, 2) | FIRST(3, 2) | SECOND(3, 1),
           {{W, X, 1}, {W, X, 2}, {RR, X, 0, X}, {RR, X, 0, X}}};

typedef enum { ALLOWED, FORBIDDEN } Verdict;

/* The orders belong to the threads that make two accesses, in turn. */
static const struct {
  const Shape *shape;
  Order orders[3];
  Verdict verdict;
} tests[] = {
  {&SB, {PO, PO}, ALLOWED},
  {&SB, {DMBS, PO}, ALLOWED},
  {&SB, {DMBS, DMBS}, FORBIDDEN},
  {&SB, {AL, AL}, FORBIDDEN},
  {&SB, {DMBS, AL}, FORBIDDEN},
  {&LB, {PO, PO}, ALLOWED},
  {&LB, {DMBS, DMBS}, FORBIDDEN},
  {&LB, {DMB_HALF, DMB_HALF}, FORBIDDEN},
  {&LB, {ADDR, ADDR}, FORBIDDEN},
  {&LB, {DATA, DATA}, FORBIDDEN},
  {&LB, {CTRL, CTRL}, FORBIDDEN},
  {&LB, {ACQ, ACQ}, FORBIDDEN},
  {&LB, {REL, REL}, FORBIDDEN},
  {&MP, {PO, PO}, ALLOWED},
  {&MP, {DMBS, PO}, ALLOWED},
  {&MP, {DMBS, DMBS}, FORBIDDEN},
  {&MP, {DMB_HALF, DMB_HALF}, FORBIDDEN},
  {&MP, {DMBS, ADDR}, FORBIDDEN},
  {&MP, {DMBS, CTRL}, FORBIDDEN},
  {&MP, {REL, ACQ}, FORBIDDEN},
  {&S, {PO, PO}, ALLOWED},
  {&S, {DMBS, DMBS}, FORBIDDEN},
  {&S, {DMBS, ADDR}, FORBIDDEN},
  {&S, {DMB_HALF, DATA}, FORBIDDEN},
  {&S, {DMBS, CTRL}, FORBIDDEN},
  {&S, {REL, ACQ}, FORBIDDEN},
  {&RR_, {PO, PO}, ALLOWED},
  {&RR_, {DMBS, DMBS}, FORBIDDEN},
  {&RR_, {REL, AL}, FORBIDDEN},
  {&TWO, {PO, PO}, ALLOWED},
  {&TWO, {DMBS, DMBS}, FORBIDDEN},
  {&TWO, {DMB_HALF, DMB_HALF}, FORBIDDEN},
  {&TWO, {REL, REL}, FORBIDDEN},
  {&WRC, {PO, PO}, ALLOWED},
  {&WRC, {DMBS, DMBS}, FORBIDDEN},
  {&WRC, {DATA, ADDR}, FORBIDDEN},
  {&WRC, {CTRL, CTRL}, FORBIDDEN},
  {&WRC, {REL, ACQ}, FORBIDDEN},
  {&RWC, {PO, PO}, ALLOWED},
  {&RWC, {DMBS, DMBS}, FORBIDDEN},
  {&RWC, {ADDR, DMBS}, FORBIDDEN},
  {&RWC, {ACQ, AL}, FORBIDDEN},
  {&WWC, {DMBS, DMBS}, FORBIDDEN},
  {&WWC, {DATA, ADDR}, FORBIDDEN},
  {&IRIW, {PO, PO}, ALLOWED},
  {&IRIW, {DMBS, DMBS}, FORBIDDEN},
  {&IRIW, {ADDR, ADDR}, FORBIDDEN},
  {&IRIW, {CTRL, DMB_HALF}, FORBIDDEN},
  {&IRIW, {ACQ, ACQ}, FORBIDDEN},
  {&CORR, {PO}, FORBIDDEN},
  {&CORR2, {PO, PO}, FORBIDDEN},
  {&COWW, {PO}, FORBIDDEN},
  {&CORW, {PO}, FORBIDDEN},
  {&COWR, {PO}, FORBIDDEN},
};
enum { TESTS = sizeof tests / sizeof tests[0] };

/*
 * A test runs in passes. Each iteration of a pass has a slot of two granules, in which x lies; y lies at the layout's
 * distance. Neighbouring iterations are on different pages ("sparse": a stream of misses, which is pushed ahead) or
 * share one (false sharing of all it holds). The threads meet before each batch, within a node also before each
 * iteration: that is what brings accesses close to one another there, and between nodes costs more than all else.
 */
enum { PASS = 128, BATCH = 16, SHORT_DELAY = 16, LONG_DELAY = 400, SLOT = 2 * GRANULE };
enum { PAIR = 2 * PAGE, PAIRS = 64, SLOTS = PAIR / 2 / SLOT, REGION = PAIRS * PAIR, REGIONS = 4 };
static const struct {
  /* From x to y: the same granule, the same page, the next page; 0: another region, so that the homes differ. */
  uint32_t distance;
  int sparse;
} layouts[] = {{PAGE, 1}, {0, 0}, {GRANULE, 1}, {PAGE, 0}, {0, 1}, {GRANULE, 0}, {GRANULE / 2, 1}, {GRANULE / 2, 0}};
enum { LAYOUTS = sizeof layouts / sizeof layouts[0] };

static uint8_t *arena;
static struct {
  _Alignas(PAGE) uint8_t first[PASS];
  uint8_t second[PASS];
} seen[TEAM];
static _Alignas(PAGE) uint32_t arrived;
static struct {
  uint32_t code;
  int count;
} outcomes[64];
static int distinct, failures;
static uint8_t skipped[TESTS];

/* Tests begin with different layouts, so that a few passes of each are all layouts together. */
static volatile uint32_t *at(int pass, int i, Variable variable) {
  const int layout = pass % LAYOUTS;
  const int sparse = layouts[layout].sparse, page = sparse ? i % PAIRS : i / SLOTS, slot = sparse ? i / PAIRS : i % SLOTS;
  const uint32_t far = REGION * (uint32_t)(1 + pass / LAYOUTS % (REGIONS - 1));
  const uint32_t distance = layouts[layout].distance ? layouts[layout].distance : far;
  return (volatile uint32_t *)(arena + page * PAIR + slot * SLOT + (variable == Y ? distance : 0));
}

static int participants(const Shape *shape) {
  int count = 0;
  while (count < TEAM && shape->threads[count].kind != NONE) count++;
  return count;
}

/* The order of a thread of a test: only those with two accesses have one. */
static Order order_of(int test, int role) {
  int number = 0;
  for (int i = 0; i < role; i++) number += tests[test].shape->threads[i].kind < W;
  return tests[test].shape->threads[role].kind < W ? tests[test].orders[number] : PO;
}

static const char *name_of(int test) {
  static char name[80];
  const Shape *const shape = tests[test].shape;
  strcpy(name, shape->name);
  for (int role = 0; role < participants(shape); role++) {
    if (shape->threads[role].kind >= W) continue;
    strcat(name, "+");
    strcat(name, orders[order_of(test, role)].name);
  }
  return name;
}

static void run_role(int test, int role, int pass, int runs, Random *random) {
  const Shape *const shape = tests[test].shape;
  Accesses *const accesses = orders[order_of(test, role)].accesses[shape->threads[role].kind];
  const Variable a = shape->threads[role].a, b = shape->threads[role].b;
  uint32_t turn = 0;
  const int close = within && pass % 2 == 0, batch = close ? 1 : BATCH;
  for (int i = 0; i < runs; i++) {
    if (i % batch == 0) litmus_meet(&arrived, (uint32_t)participants(shape), ++turn);
    uint32_t first = shape->threads[role].va, second = shape->threads[role].vb;
    if (close) litmus_delay_below(random, pass % 4 == 0 ? SHORT_DELAY : LONG_DELAY);
    else litmus_delay(random);
    accesses(at(pass, i, a), at(pass, i, b), &first, &second);
    seen[role].first[i] = (uint8_t)first;
    seen[role].second[i] = (uint8_t)second;
  }
}

static void count_outcome(uint32_t code) {
  int known = 0;
  while (known < distinct && outcomes[known].code != code) known++;
  CHECK(known < (int)(sizeof outcomes / sizeof outcomes[0]));
  outcomes[known].code = code;
  outcomes[known].count++;
  if (known == distinct) distinct++;
}

/* Counts what came of a pass, and makes its slots zero again. */
static void tally(const Shape *shape, int pass, int runs) {
  const uint32_t mask = (uint32_t)(shape->outcome >> 32);
  for (int i = 0; i < runs; i++) {
    uint32_t code = 0;
    for (int role = 0; role < participants(shape); role++) {
      const Kind kind = shape->threads[role].kind;
      if (kind == RW || kind == RR || kind == R) code |= (uint32_t)FIRST(role, seen[role].first[i]);
      if (kind == WR || kind == RR) code |= (uint32_t)SECOND(role, seen[role].second[i]);
    }
    if (mask >> (2 * OUTCOME_X)) code |= (uint32_t)(LAST(X, *at(pass, i, X)) | LAST(Y, *at(pass, i, Y)));
    count_outcome(code);
    *at(pass, i, X) = *at(pass, i, Y) = 0;
  }
}

static void print_outcome(const Shape *shape, uint32_t code) {
  for (int role = 0; role < participants(shape); role++) {
    const Kind kind = shape->threads[role].kind;
    if (kind == RW || kind == RR || kind == R) printf(" %u", code >> (4 * role) & 3);
    if (kind == WR || kind == RR) printf(" %u", code >> (4 * role + 2) & 3);
  }
  if (shape->outcome >> 32 >> (2 * OUTCOME_X) == 0) return;
  printf(" x=%u y=%u", code >> (2 * OUTCOME_X) & 3, code >> (2 * OUTCOME_Y) & 3);
}

static void judge(int test) {
  const Shape *const shape = tests[test].shape;
  const uint32_t mask = (uint32_t)(shape->outcome >> 32), wanted = (uint32_t)shape->outcome;
  int total = 0, met = 0;
  printf("%s:", name_of(test));
  for (int i = 0; i < distinct; i++) {
    print_outcome(shape, outcomes[i].code);
    printf(" %d,", outcomes[i].count);
    total += outcomes[i].count;
    if ((outcomes[i].code & mask) == wanted) met += outcomes[i].count;
  }
  const int bad = total != iterations || (tests[test].verdict == FORBIDDEN && met != 0);
  const char *const verdict = tests[test].verdict == FORBIDDEN ? "forbidden" : "allowed";
  printf(" in question %d (%s)%s\n", met, verdict, bad ? " FAILED" : "");
  fflush(stdout);
  failures += bad;
  distinct = 0;
  memset(outcomes, 0, sizeof outcomes);
}

/* The roles wander over the threads, and so over the nodes; who counts does so too, and owns the blocks afterwards. */
static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  Random random = {(uint32_t)(self + 1) * 2654435761u};
  for (int test = 0; test < TESTS; test++) {
    const Shape *const shape = tests[test].shape;
    if (skipped[test]) continue;
    for (int pass = 0; pass * PASS < iterations; pass++) {
      const int runs = iterations - pass * PASS < PASS ? iterations - pass * PASS : PASS;
      const int role = (self * (pass & 1 ? 3 : 1) + pass) % TEAM;
      litmus_gather();
      if (role < participants(shape)) run_role(test, role, test + pass, runs, &random);
      litmus_gather();
      if (role != 0) continue;
      tally(shape, test + pass, runs);
      if (pass * PASS + runs == iterations) judge(test);
      arrived = 0;
    }
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "list") == 0) {
    for (int test = 0; test < TESTS; test++) puts(name_of(test));
    return 0;
  }
  litmus_start(argc, argv);
  int chosen = 0;
  for (int test = 0; test < TESTS; test++) {
    skipped[test] = !litmus_chosen(argc, argv, name_of(test));
    chosen += !skipped[test];
  }
  CHECK(chosen > 0);
  CHECK(posix_memalign((void **)&arena, REGION, REGION * REGIONS) == 0);
  memset(arena, 0, REGION * REGIONS);
  run_team(TEAM, work);
  printf("litmus: %d tests of %d iterations, failures %d\n", chosen, iterations, failures);
  return failures != 0;
}
