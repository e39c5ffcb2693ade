/* The string functions at all alignments and short lengths, against byte-by-byte twins. */
#include <strings.h>
#include "guest.h"

enum { ROOM = 256 };

static unsigned char source[ROOM], target[ROOM], expected[ROOM];

static void fill(unsigned char *bytes, uint32_t seed) {
  Random random = {seed};
  for (int i = 0; i < ROOM; i++) bytes[i] = (unsigned char)(random_next(&random) | 1);
}

static uint32_t copies(uint32_t sum) {
  for (unsigned from = 0; from < 16; from++)
    for (unsigned to = 0; to < 16; to++)
      for (unsigned size = 0; size < 150; size += 1 + size / 24) {
        fill(target, 77);
        memcpy(expected, target, ROOM);
        for (volatile unsigned i = 0; i < size; i++) expected[to + i] = source[from + i];
        CHECK(memcpy(target + to, source + from, size) == target + to);
        CHECK(memcmp(target, expected, ROOM) == 0);
        sum = checksum(sum, target + to, size);
      }
  return sum;
}

static uint32_t moves(uint32_t sum) {
  for (unsigned from = 0; from < 40; from += 3)
    for (unsigned to = 0; to < 40; to += 5)
      for (unsigned size = 0; size < 180; size += 13) {
        fill(target, 99);
        for (unsigned i = 0; i < ROOM; i++) expected[i] = target[i];
        for (volatile unsigned i = 0; i < size; i++) expected[to + i] = target[from + i];
        memmove(target + to, target + from, size);
        CHECK(memcmp(target, expected, ROOM) == 0);
        sum = checksum(sum, target, ROOM);
      }
  return sum;
}

static uint32_t searches(uint32_t sum) {
  char text[ROOM];
  for (unsigned start = 0; start < 8; start++)
    for (unsigned size = 0; size < 100; size += 3) {
      memset(text, 'x', ROOM);
      char *string = text + start;
      memset(string, 'a', size);
      string[size] = 0;
      CHECK(strlen(string) == size);
      CHECK(strnlen(string, 50) == (size < 50 ? size : 50));
      CHECK(strchr(string, 'x') == NULL);
      CHECK(strchr(string, 0) == string + size);
      CHECK(memchr(string, 'x', size + 2) == string + size + 1);
      if (size > 5) {
        string[size / 2] = 'b';
        string[size - 1] = 'b';
        CHECK(strchr(string, 'b') == string + size / 2);
        CHECK(strrchr(string, 'b') == string + size - 1);
        CHECK(memchr(string, 'b', size) == string + size / 2);
        CHECK(strspn(string, "a") == size / 2);
        CHECK(strcspn(string, "zb") == size / 2);
        CHECK(strpbrk(string, "yb") == string + size / 2);
        CHECK(strstr(string, "ab") == string + size / 2 - 1);
        CHECK(memmem(string, size, "ba", 2) == (size / 2 + 1 < size - 1 ? string + size / 2 : NULL) || size < 8);
      }
      char copy[ROOM];
      memset(copy, 'z', ROOM);
      CHECK(stpcpy(copy + 3, string) == copy + 3 + size);
      CHECK(strcmp(copy + 3, string) == 0);
      copy[3 + size] = 'q';
      copy[4 + size] = 0;
      CHECK(strcmp(copy + 3, string) > 0);
      CHECK(strncmp(copy + 3, string, size) == 0);
      CHECK(memcmp(copy + 3, string, size) == 0);
      sum = checksum(sum, copy, ROOM);
    }
  return sum;
}

int main(void) {
  uint32_t sum = CHECKSUM_START;
  fill(source, 5);
  printf("memcpy %08x\n", sum = copies(sum));
  printf("memmove %08x\n", sum = moves(sum));
  printf("searches %08x\n", sum = searches(sum));
  for (unsigned start = 0; start < 16; start++)
    for (unsigned size = 0; size < 130; size += 7) {
      fill(target, 3);
      memset(target + start, (int)size, size);
      sum = checksum(sum, target, ROOM);
    }
  printf("memset %08x\n", sum);

  char list[] = "one,two;;three", *rest = list;
  for (char *word; (word = strsep(&rest, ",;"));) printf("[%s]", word);
  char more[] = "  alpha beta\tgamma ", *place;
  for (char *word = strtok_r(more, " \t", &place); word; word = strtok_r(NULL, " \t", &place)) printf("<%s>", word);
  char joined[32] = "ab";
  strcat(joined, "cd");
  strncat(joined, "efgh", 2);
  printf("%s %d %d %s\n", joined, strcasecmp("HeLLo", "hEllO"), strncasecmp("abX", "ABy", 3) < 0, strerror(2));
  return 0;
}
