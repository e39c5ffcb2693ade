/* qsort, bsearch and a hand-written merge sort on lists: calls through pointers, swaps of odd sizes. */
#include <search.h>
#include "guest.h"

typedef struct {
  uint32_t key;
  char name[9];
  double weight;
} Record;

typedef struct Link {
  struct Link *next;
  uint32_t value;
} Link;

static int by_key(const void *a, const void *b) {
  const Record *x = a, *y = b;
  return (x->key > y->key) - (x->key < y->key);
}
static int by_name(const void *a, const void *b) { return strcmp(((const Record *)a)->name, ((const Record *)b)->name); }
static int by_weight(const void *a, const void *b) {
  const double x = ((const Record *)a)->weight, y = ((const Record *)b)->weight;
  return (x > y) - (x < y);
}
static int bytes_down(const void *a, const void *b) { return *(const unsigned char *)b - *(const unsigned char *)a; }

static Link *merge_sort(Link *list) {
  if (!list || !list->next) return list;
  Link *slow = list, *fast = list->next;
  while (fast && fast->next) slow = slow->next, fast = fast->next->next;
  Link *right = merge_sort(slow->next);
  slow->next = NULL;
  Link *left = merge_sort(list), *head = NULL, **tail = &head;
  while (left && right) {
    Link **smaller = left->value <= right->value ? &left : &right;
    *tail = *smaller;
    tail = &(*smaller)->next;
    *smaller = (*smaller)->next;
  }
  *tail = left ? left : right;
  return head;
}

int main(void) {
  enum { COUNT = 3000 };
  static Record records[COUNT];
  static Link links[COUNT];
  static unsigned char bytes[5000];
  Random random = {424242};
  for (int i = 0; i < COUNT; i++) {
    records[i].key = random_next(&random);
    for (int k = 0; k < 8; k++) records[i].name[k] = (char)('a' + random_below(&random, 26));
    records[i].weight = random_next(&random) / 65536.0 - 20000;
    links[i] = (Link){i + 1 < COUNT ? &links[i + 1] : NULL, random_below(&random, 10000)};
  }
  static int (*const orders[])(const void *, const void *) = {by_key, by_name, by_weight, by_key};
  for (int o = 0; o < 4; o++) {
    qsort(records, COUNT, sizeof *records, orders[o]);
    for (int i = 1; i < COUNT; i++) CHECK(orders[o](&records[i - 1], &records[i]) <= 0);
    uint32_t sum = CHECKSUM_START;
    for (int i = 0; i < COUNT; i++) sum = checksum(sum, records[i].name, 8);
    printf("order %d: %08x %s\n", o, sum, records[COUNT / 2].name);
  }
  int found = 0;
  for (int i = 0; i < COUNT; i++) {
    const Record wanted = {.key = records[i].key};
    const Record absent = {.key = records[i].key + 1};
    found += bsearch(&wanted, records, COUNT, sizeof *records, by_key) != NULL;
    found += 10000 * (bsearch(&absent, records, COUNT, sizeof *records, by_key) != NULL);
  }
  printf("found %d\n", found);
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)random_next(&random);
  qsort(bytes, sizeof bytes, 1, bytes_down);
  printf("bytes %08x\n", checksum(CHECKSUM_START, bytes, sizeof bytes));
  uint32_t sum = CHECKSUM_START, last = 0;
  for (Link *link = merge_sort(links); link; link = link->next) {
    CHECK(link->value >= last);
    sum = checksum(sum, &link->value, 4);
    last = link->value;
  }
  printf("list %08x\n", sum);
  return 0;
}
