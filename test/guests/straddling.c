/*
 * Accesses that lie on two pages, by several threads at once: LDM and STM, LDRD and STRD, unaligned words. Each aligned
 * word of them must come out whole, and nobody may wait for ever because the others take one page while it fetches the
 * other.
 */
#include "threads.h"

enum { TEAM = 4, ROUNDS = 20000, PAGE = 4096 };
static _Alignas(PAGE) unsigned char pages[2 * PAGE];
static pthread_barrier_t barrier;

/* A word that was written whole has one byte four times over. */
static int whole(uint32_t word) { return word == (word & 0xff) * 0x01010101u; }

static void *work(void *argument) {
  const uint32_t self = ((uint32_t)(intptr_t)argument + 1) * 0x01010101u;
  uint32_t *four = (uint32_t *)(pages + PAGE - 8);
  /* Two words, the page's end between them. */
  uint32_t *two = (uint32_t *)(pages + PAGE - 4);
  long torn = 0;
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < ROUNDS; i++) {
    uint32_t a, b, c, d;
    __asm__ volatile("mov r4, %1\n mov r5, %1\n mov r6, %1\n mov r7, %1\n stmia %0, {r4-r7}" ::"r"(four), "r"(self) : "r4", "r5", "r6", "r7", "memory");
    __asm__ volatile("ldmia %4, {r4-r7}\n mov %0, r4\n mov %1, r5\n mov %2, r6\n mov %3, r7"
                     : "=&r"(a), "=&r"(b), "=&r"(c), "=&r"(d)
                     : "r"(four)
                     : "r4", "r5", "r6", "r7", "memory");
    torn += !whole(a) + !whole(b) + !whole(c) + !whole(d);
    __asm__ volatile("mov r4, %1\n mov r5, %1\n strd r4, r5, [%0]" ::"r"(two), "r"(self) : "r4", "r5", "memory");
    __asm__ volatile("ldrd r4, r5, [%2]\n mov %0, r4\n mov %1, r5" : "=&r"(a), "=&r"(b) : "r"(two) : "r4", "r5", "memory");
    torn += !whole(a) + !whole(b);
    /* Unaligned: no promise about its value, but it must come to an end. */
    __asm__ volatile("ldr %0, [%1]" : "=&r"(a) : "r"(pages + PAGE - 2) : "memory");
    memcpy(pages + PAGE + 64 - 2 + 16 * ((intptr_t)argument & 1), &a, sizeof a);
  }
  return (void *)torn;
}

int main(void) {
  pthread_barrier_init(&barrier, NULL, TEAM);
  printf("torn %ld\n", run_team(TEAM, work));
  return 0;
}
