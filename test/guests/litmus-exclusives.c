/*
 * What programs build from exclusive loads and stores and from barriers: counters of every width, a lock-free stack,
 * locks. Each test ends with a sum, or looks at each step for what must not be.
 *
 * Usage: litmus-exclusives within|between ITERATIONS [TEST...], or `list` for the tests' names. The threads of a test
 * share its iterations.
 */
#include "litmus.h"

/* In a test's granules; all zero when it begins. */
static _Alignas(PAGE) union {
  struct {
    _Alignas(GRANULE) uint8_t byte;
    uint16_t half;
    uint32_t word;
    uint64_t wide;
  } counters;
  struct {
    _Alignas(GRANULE) uint32_t flag[2];
    uint32_t turn;
    _Alignas(GRANULE) uint32_t ticket;
    _Alignas(GRANULE) uint32_t serving;
    /* What the locks protect, on a page of its own. */
    _Alignas(PAGE) uint32_t inside;
    uint32_t sum;
  } lock;
  struct {
    uint32_t value;
    _Alignas(PAGE) uint32_t source;
    _Alignas(GRANULE) uint32_t answer;
  } watched;
  uint64_t whole[2];
  uint8_t bytes[3 * PAGE];
} shared;
static uint32_t errors, tally[TEAM];
/* Iterations of each thread. */
static int each;
static int no_errors(void) { return errors == 0; }
static void count_error(void) { __atomic_add_fetch(&errors, 1, __ATOMIC_SEQ_CST); }

/* Adds `n` with the exclusive pair of the given width. */
#define ADD(name, type, suffix)                                                                                    \
  static void name(type *at, uint32_t n) {                                                                         \
    uint32_t value, failed;                                                                                        \
    do __asm__ volatile("ldrex" suffix " %0, [%2]\n add %0, %0, %3\n strex" suffix " %1, %0, [%2]"                 \
                        : "=&r"(value), "=&r"(failed) : "r"(at), "r"(n) : "memory");                               \
    while (failed);                                                                                                \
  }
ADD(add_byte, uint8_t, "b")
ADD(add_half, uint16_t, "h")
ADD(add_word, uint32_t, "")

/* A carry runs from the lower to the upper half, which counts by itself too. */
static void add_wide(uint64_t *at, uint32_t n) {
  uint64_t value;
  uint32_t failed;
  do __asm__ volatile("ldrexd %0, %H0, [%2]\n adds %Q0, %Q0, %3\n adc %R0, %R0, #3\n strexd %1, %0, %H0, [%2]"
                      : "=&r"(value), "=&r"(failed) : "r"(at), "r"(n) : "memory", "cc");
  while (failed);
}
static uint32_t exclusive_load(uint32_t *at) {
  uint32_t value;
  __asm__ volatile("ldrex %0, [%1]" : "=r"(value) : "r"(at) : "memory");
  return value;
}
static uint32_t exclusive_store(uint32_t *at, uint32_t value) {
  uint32_t failed;
  __asm__ volatile("strex %0, %1, [%2]" : "=&r"(failed) : "r"(value), "r"(at) : "memory");
  return failed;
}
static void plain_store(uint32_t *at, uint32_t value) { *(volatile uint32_t *)at = value; }
static uint32_t plain_load(uint32_t *at) { return *(volatile uint32_t *)at; }
static void clear_exclusive(void) { __asm__ volatile("clrex" ::: "memory"); }

/* Counters of four widths in one granule, mixed by every thread in an order of its own. */
static void widths(int self, int i, Random *random) {
  for (int n = 0; n < 4; n++) {
    switch ((self + n + i) % 4) {
      case 0: add_byte(&shared.counters.byte, 1); break;
      case 1: add_half(&shared.counters.half, 1); break;
      case 2: add_word(&shared.counters.word, 1); break;
      default: add_wide(&shared.counters.wide, 0x10000001);
    }
  }
  if (i % 64 == 0) litmus_delay(random);
}
static int widths_right(void) {
  const uint64_t all = (uint64_t)each * TEAM;
  return shared.counters.byte == (uint8_t)all && shared.counters.half == (uint16_t)all &&
         shared.counters.word == (uint32_t)all && shared.counters.wide == all * 0x10000001ull + (all * 3 << 32);
}

/* Two words in one granule: half of the team counts each. A store to one may fail the other's STREX, never undo it. */
static void neighbours(int self, int i, Random *random) {
  add_word(&shared.lock.flag[self & 1], 1);
  tally[self]++;
  if (i % 64 == 0) litmus_delay(random);
}
static int neighbours_right(void) {
  const uint32_t half = (uint32_t)each * TEAM / 2;
  return shared.lock.flag[0] == half && shared.lock.flag[1] == half;
}

/* The acquiring and releasing forms (LDAEX, STLEX) make a lock by themselves: plain data under it. */
static void acquire_release(int self, int i, Random *random) {
  uint32_t value, failed;
  do {
    __asm__ volatile("ldaex %0, [%1]" : "=r"(value) : "r"(&shared.lock.flag[0]) : "memory");
    if (value != 0) {
      clear_exclusive();
      sched_yield();
      failed = 1;
    } else failed = exclusive_store(&shared.lock.flag[0], (uint32_t)self + 1);
  } while (failed);
  const uint32_t sum = plain_load(&shared.lock.sum);
  if (i % 16 == 0) litmus_delay(random);
  plain_store(&shared.lock.sum, sum + 1);
  do {
    value = exclusive_load(&shared.lock.flag[0]);
    if (value != (uint32_t)self + 1) count_error();
    __asm__ volatile("stlex %0, %1, [%2]" : "=&r"(failed) : "r"(0), "r"(&shared.lock.flag[0]) : "memory");
  } while (failed);
}
static int sum_right(void) { return shared.lock.sum == (uint32_t)each * TEAM; }

/*
 * LDRD and STRD of an aligned address are single-copy atomic (DDI 0487, E2.2.1: with the Large Physical Address
 * Extension). Two threads store pairs of which one half is the other's complement, two look at them.
 */
static void doubleword(int self, int i, Random *random) {
  uint32_t *const at = (uint32_t *)&shared.whole[i & 1];
  uint32_t low, high;
  if (i % 16 == 0) litmus_delay(random);
  if (self < 2) {
    low = (uint32_t)i << 1 | (uint32_t)self;
    __asm__ volatile("mov r4, %0\n mvn r5, %0\n strd r4, r5, [%1]" ::"r"(low), "r"(at) : "r4", "r5", "memory");
    return;
  }
  __asm__ volatile("ldrd r4, r5, [%2]\n mov %0, r4\n mov %1, r5" : "=&r"(low), "=&r"(high) : "r"(at) : "r4", "r5", "memory");
  if (low == ~high) tally[self]++;
  else if (low != 0 || high != 0) count_error();
}

enum { TRIES = 64 };

/* Half of the time the storing thread waits until its number was taken, so that the others have something to do. */
static void let_take(uint32_t *at, uint32_t untaken, Random *random) {
  if (random_below(random, 2) == 0) litmus_delay(random);
  else
    for (int try = 0; try < TRIES && plain_load(at) == untaken; try++) sched_yield();
}

/*
 * Thread 0 stores even numbers plainly, the others make the number they see odd by an exclusive pair. A STREX after the
 * plain store that its LDREX has not seen must fail: the storing thread would find a number older than its own.
 */
static void plain_between(int self, int i, Random *random) {
  uint32_t *const at = &shared.watched.value;
  if (self == 0) {
    const uint32_t mine = 2 * ((uint32_t)i + 1);
    plain_store(at, mine);
    let_take(at, mine, random);
    const uint32_t found = plain_load(at);
    if (found == mine || found == mine + 1) return;
    printf("plain-between: stored %u, found %u\n", mine, found);
    count_error();
    return;
  }
  for (int try = 0; try < TRIES; try++) {
    const uint32_t value = exclusive_load(at);
    if (value & 1) {
      clear_exclusive();
      sched_yield();
      continue;
    }
    if (random_below(random, 4) == 0) litmus_delay(random);
    if (!exclusive_store(at, value + 1)) tally[self]++;
    return;
  }
}
static int plain_between_right(void) { return shared.watched.value >> 1 == (uint32_t)each; }

/*
 * The same where the plain store changes nothing, step by step: thread 1 loads the word exclusively and says so, thread
 * 0 stores what is there already and says so, and then thread 1's STREX must fail. Who waits too long leaves the round.
 */
enum { PATIENCE = 100000 };
static int told(uint32_t *at, uint32_t round) {
  for (int look = 0; look < PATIENCE; look++)
    if (plain_load(at) == round) return 1;
  return 0;
}
static void same_between(int self, int i, Random *random) {
  (void)random;
  uint32_t *const at = &shared.watched.value, *const loaded = &shared.watched.source, *const stored = &shared.watched.answer;
  const uint32_t round = (uint32_t)i + 1;
  if (self == 0) {
    if (!told(loaded, round)) return;
    plain_store(at, 0);
    dmb();
    plain_store(stored, round);
    return;
  }
  exclusive_load(at);
  plain_store(loaded, round);
  dmb();
  const int seen = told(stored, round);
  dmb();
  if (exclusive_store(at, 0)) return;
  tally[self]++;
  if (seen) count_error();
}

/* A stack without a counter against ABA: right on Arm, and broken at once where STREX is a compare-and-swap. */
enum { STACK_NODES = 4, POP_DELAY = 5000 };
typedef struct Node {
  _Alignas(GRANULE) struct Node *next;
  uint32_t owner;
} Node;
static Node nodes[STACK_NODES];
static _Alignas(GRANULE) Node *head;

static void push(Node *node) {
  do {
    *(Node *volatile *)&node->next = (Node *)exclusive_load((uint32_t *)&head);
    dmb();
  } while (exclusive_store((uint32_t *)&head, (uint32_t)node));
}
/* Now and then it takes a while between LDREX and STREX, in which others take and give back the same node. */
static Node *pop(Random *random) {
  Node *node, *next;
  do {
    node = (Node *)exclusive_load((uint32_t *)&head);
    if (node == NULL) {
      clear_exclusive();
      return NULL;
    }
    next = (Node *)plain_load((uint32_t *)&node->next);
    if (random_below(random, 16) == 0) litmus_delay_below(random, POP_DELAY);
  } while (exclusive_store((uint32_t *)&head, (uint32_t)next));
  dmb();
  return node;
}
static void stack_begin(void) {
  head = NULL;
  for (int i = 0; i < STACK_NODES; i++) push(&nodes[i]);
}
static void stack(int self, int i, Random *random) {
  Node *held[3];
  uint32_t count = 0;
  const uint32_t wanted = 1 + random_below(random, 3), me = (uint32_t)self + 1;
  while (count < wanted && (held[count] = pop(random)) != NULL) {
    if (__atomic_exchange_n(&held[count]->owner, me, __ATOMIC_SEQ_CST) != 0) count_error();
    count++;
  }
  tally[self] += count;
  if (i % 4 == 0) litmus_delay(random);
  while (count > 0) {
    Node *const node = held[--count];
    if (__atomic_exchange_n(&node->owner, 0, __ATOMIC_SEQ_CST) != me) count_error();
    push(node);
  }
  CHECK(errors == 0);
}
static int stack_right(void) {
  int left = 0;
  for (Node *node = head; node && left <= STACK_NODES; node = node->next) left++;
  return left == STACK_NODES;
}

/* In a critical section nobody else is, and no addition is lost. */
static void section(int i, Random *random) {
  if (plain_load(&shared.lock.inside) != 0) count_error();
  plain_store(&shared.lock.inside, 1);
  const uint32_t sum = plain_load(&shared.lock.sum);
  if (i % 16 == 0) litmus_delay(random);
  plain_store(&shared.lock.sum, sum + 1);
  plain_store(&shared.lock.inside, 0);
}

static void ticket(int self, int i, Random *random) {
  uint32_t mine;
  (void)self;
  do mine = exclusive_load(&shared.lock.ticket);
  while (exclusive_store(&shared.lock.ticket, mine + 1));
  while (plain_load(&shared.lock.serving) != mine) sched_yield();
  dmb();
  section(i, random);
  dmb();
  plain_store(&shared.lock.serving, mine + 1);
}
static int ticket_right(void) { return sum_right() && shared.lock.serving == (uint32_t)each * TEAM; }

/* Peterson's and Dekker's locks have nothing but loads, stores and the barriers between them; two threads each. */
static void peterson(int self, int i, Random *random) {
  uint32_t *const flag = shared.lock.flag;
  const int other = 1 - self;
  plain_store(&flag[self], 1);
  dmb();
  plain_store(&shared.lock.turn, (uint32_t)other);
  dmb();
  while (plain_load(&flag[other]) && plain_load(&shared.lock.turn) == (uint32_t)other) sched_yield();
  dmb();
  section(i, random);
  dmb();
  plain_store(&flag[self], 0);
}
static void dekker(int self, int i, Random *random) {
  uint32_t *const flag = shared.lock.flag;
  const int other = 1 - self;
  plain_store(&flag[self], 1);
  dmb();
  while (plain_load(&flag[other])) {
    if (plain_load(&shared.lock.turn) != (uint32_t)self) {
      plain_store(&flag[self], 0);
      while (plain_load(&shared.lock.turn) != (uint32_t)self) sched_yield();
      plain_store(&flag[self], 1);
    }
    dmb();
  }
  section(i, random);
  dmb();
  plain_store(&shared.lock.turn, (uint32_t)other);
  dmb();
  plain_store(&flag[self], 0);
}
static int pair_right(void) { return shared.lock.sum == (uint32_t)each * 2; }

static const struct {
  const char *name;
  int threads;
  void (*begin)(void);
  void (*step)(int self, int i, Random *random);
  int (*right)(void);
  /* Run only when named: see test/skipped.table.ts. */
  int known_to_fail;
} tests[] = {
  {"widths", TEAM, NULL, widths, widths_right},
  {"neighbours", TEAM, NULL, neighbours, neighbours_right},
  {"acquire-release", TEAM, NULL, acquire_release, sum_right},
  {"doubleword", TEAM, NULL, doubleword, no_errors},
  {"plain-between", TEAM, NULL, plain_between, plain_between_right},
  {"same-between", 2, NULL, same_between, no_errors, 1},
  {"stack", TEAM, stack_begin, stack, stack_right},
  {"ticket", TEAM, NULL, ticket, ticket_right},
  {"peterson", 2, NULL, peterson, pair_right},
  {"dekker", 2, NULL, dekker, pair_right},
};
enum { TESTS = sizeof tests / sizeof tests[0] };
static uint8_t skipped[TESTS];
static int failures;

static void judge(int test) {
  const int bad = errors != 0 || !tests[test].right();
  printf("%s: %d iterations each, errors %u, tallies", tests[test].name, each, errors);
  for (int i = 0; i < TEAM; i++) printf(" %u", tally[i]);
  puts(bad ? " FAILED" : "");
  fflush(stdout);
  failures += bad;
}

static void *work(void *argument) {
  const int self = (int)(intptr_t)argument;
  Random random = {(uint32_t)(self + 1) * 2654435761u};
  for (int test = 0; test < TESTS; test++) {
    if (skipped[test]) continue;
    if (self == 0) {
      memset(&shared, 0, sizeof shared);
      memset(tally, 0, sizeof tally);
      errors = 0;
      each = iterations / tests[test].threads;
      if (tests[test].begin) tests[test].begin();
    }
    litmus_gather();
    if (self < tests[test].threads)
      for (int i = 0; i < each; i++) tests[test].step(self, i, &random);
    litmus_gather();
    if (self == 0) judge(test);
  }
  return NULL;
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "list") == 0) {
    for (int test = 0; test < TESTS; test++)
      if (!tests[test].known_to_fail) puts(tests[test].name);
    return 0;
  }
  litmus_start(argc, argv);
  int chosen = 0;
  for (int test = 0; test < TESTS; test++) {
    skipped[test] = !litmus_chosen(argc, argv, tests[test].name) || (argc <= 3 && tests[test].known_to_fail);
    chosen += !skipped[test];
  }
  CHECK(chosen > 0);
  run_team(TEAM, work);
  printf("litmus: %d tests of %d iterations, failures %d\n", chosen, iterations, failures);
  return failures != 0;
}
