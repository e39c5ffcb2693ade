/* A pointer chase through a shuffled list of 4,096 nodes of 32 bytes: one dependent load for each iteration. */
#include "bench.h"

enum { NODES = 4096 };
typedef struct Node {
  struct Node *next;
  uint32_t value[7];
} Node;
static Node nodes[NODES];

static void shuffle(void) {
  static uint32_t order[NODES];
  uint32_t state = 12345;
  for (uint32_t i = 0; i < NODES; i++) order[i] = i;
  for (uint32_t i = NODES - 1; i > 0; i--) {
    state = state * 1664525u + 1013904223u;
    const uint32_t k = (uint32_t)(((uint64_t)state * (i + 1)) >> 32), kept = order[i];
    order[i] = order[k];
    order[k] = kept;
  }
  for (uint32_t i = 0; i < NODES; i++) nodes[order[i]].next = &nodes[order[(i + 1) % NODES]];
}

static uint32_t run(uint32_t iterations) {
  const Node *node = nodes;
  for (uint32_t i = 0; i < iterations; i++) node = node->next;
  return (uint32_t)(node - nodes);
}

int main(int argc, char **argv) {
  shuffle();
  return bench(argc, argv, "chase", 50000000, 0, run);
}
