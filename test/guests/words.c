/* Counts lines, words and bytes of standard input, and its most frequent words. */
#include <ctype.h>
#include "guest.h"

typedef struct {
  char text[24];
  int count;
} Word;

static int by_count(const void *a, const void *b) {
  const Word *x = a, *y = b;
  return x->count != y->count ? y->count - x->count : strcmp(x->text, y->text);
}

int main(void) {
  static Word table[4096];
  char word[24];
  size_t size = 0;
  int lines = 0, words = 0, bytes = 0, distinct = 0;
  for (int c; (c = getchar()) != EOF || size > 0;) {
    if (c != EOF) bytes++, lines += c == '\n';
    if (c != EOF && isalnum(c)) {
      if (size < sizeof word - 1) word[size++] = (char)tolower(c);
      continue;
    }
    if (size == 0) continue;
    word[size] = 0;
    words++;
    uint32_t at = checksum(CHECKSUM_START, word, size) % 4096;
    while (table[at].count && strcmp(table[at].text, word)) at = (at + 1) % 4096;
    if (!table[at].count++) strcpy(table[at].text, word), distinct++;
    size = 0;
  }
  printf("%d lines %d words %d bytes %d distinct\n", lines, words, bytes, distinct);
  qsort(table, 4096, sizeof *table, by_count);
  for (int i = 0; i < 10 && table[i].count; i++) printf("%6d %s\n", table[i].count, table[i].text);
  return 0;
}
