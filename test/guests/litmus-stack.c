/*
 * A lock-free stack by exclusive loads and stores, with no counter against ABA: right on Arm, where STREX fails after
 * any store in between, and broken within seconds where it is a compare-and-swap. Every node must come out once.
 */
#include "litmus.h"

enum { TEAM = 4, NODES = 16 };
typedef struct Node {
  _Alignas(GRANULE) struct Node *volatile next;
  volatile uint32_t owner;
} Node;
static Node nodes[NODES];
static _Alignas(GRANULE) Node *volatile head;
static uint32_t errors;

static void push(Node *node) {
  Node *old;
  uint32_t failed;
  do {
    __asm__ volatile("ldrex %0, [%1]" : "=&r"(old) : "r"(&head) : "memory");
    node->next = old;
    __asm__ volatile("dmb ish\n strex %0, %1, [%2]" : "=&r"(failed) : "r"(node), "r"(&head) : "memory");
  } while (failed);
}
static Node *pop(void) {
  Node *node, *next;
  uint32_t failed;
  do {
    __asm__ volatile("ldrex %0, [%1]" : "=&r"(node) : "r"(&head) : "memory");
    if (node == NULL) {
      __asm__ volatile("clrex" ::: "memory");
      return NULL;
    }
    next = node->next;
    __asm__ volatile("strex %0, %1, [%2]" : "=&r"(failed) : "r"(next), "r"(&head) : "memory");
  } while (failed);
  DMB();
  return node;
}

static void *work(void *argument) {
  const uint32_t self = (uint32_t)(intptr_t)argument + 1;
  Random random = {self * 77777};
  intptr_t popped = 0;
  for (int i = 0; i < iterations / TEAM; i++) {
    if (i % BATCH == 0) litmus_meet(i / BATCH);
    Node *held[3];
    int count = 0;
    const int wanted = 1 + (int)random_below(&random, 3);
    while (count < wanted && (held[count] = pop()) != NULL) {
      if (__atomic_exchange_n(&held[count]->owner, self, __ATOMIC_SEQ_CST) != 0) __atomic_add_fetch(&errors, 1, __ATOMIC_SEQ_CST);
      count++;
    }
    popped += count;
    litmus_delay(&random);
    while (count > 0) {
      Node *node = held[--count];
      if (__atomic_exchange_n(&node->owner, 0, __ATOMIC_SEQ_CST) != self) __atomic_add_fetch(&errors, 1, __ATOMIC_SEQ_CST);
      push(node);
    }
    CHECK(errors == 0);
  }
  return (void *)popped;
}

int main(int argc, char **argv) {
  litmus_start(argc, argv, TEAM);
  for (int i = 0; i < NODES; i++) push(&nodes[i]);
  const long popped = run_team(TEAM, work);
  int left = 0;
  for (Node *node = head; node && left <= NODES; node = node->next) left++;
  printf("stack: popped %ld, errors %u, left %d of %d\n", popped, errors, left, NODES);
  return errors != 0 || left != NODES;
}
