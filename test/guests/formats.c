/* printf: every conversion but %p, with flags, widths and precisions, 32 and 64 bits. */
#include <inttypes.h>
#include <stddef.h>
#include <wchar.h>
#include "guest.h"

int main(void) {
  static const int32_t words[] = {0, 1, -1, 42, -12345, INT32_MAX, INT32_MIN};
  static const int64_t longs[] = {0, -1, 1234567890123456789, INT64_MAX, INT64_MIN};
  static const double reals[] = {0.0, -0.0, 1.0, -1.5, 3.14159265358979, 1e-7, 123456789.125, 1e100, 5e-324, 0.1};

  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    const int32_t w = words[i];
    printf("[%d] [%u] [%x] [%#X] [%o] [%#o]\n", w, (unsigned)w, (unsigned)w, (unsigned)w, (unsigned)w, (unsigned)w);
    printf("[%12d] [%-12d] [%012d] [%+d] [% d] [%.8d] [%12.5d]\n", w, w, w, w, w, w, w);
    printf("[%hhd] [%hd] [%hhu] [%hu] [%*d] [%-*d]\n", (signed char)w, (short)w, (unsigned char)w, (unsigned short)w, 9, w, 9, w);
  }
  for (size_t i = 0; i < sizeof longs / sizeof *longs; i++) {
    const int64_t l = longs[i];
    printf("[%" PRId64 "] [%" PRIu64 "] [%" PRIx64 "] [%" PRIo64 "] [%30lld] [%-30lld] [%030lld]\n", l, (uint64_t)l, (uint64_t)l,
           (uint64_t)l, (long long)l, (long long)l, (long long)l);
  }
  for (size_t i = 0; i < sizeof reals / sizeof *reals; i++) {
    const double r = reals[i];
    printf("[%f] [%e] [%g] [%a]\n", r, r, r, r);
    printf("[%.0f] [%.3e] [%.10g] [%20.6f] [%-20.6f] [%+.2f] [%020.3f] [%#g]\n", r, r, r, r, r, r, r, r);
    printf("[%.17g] [%.40f] [%G] [%E] [%A]\n", r, r, r, r, r);
  }
  printf("[%c] [%5c] [%-5c] [%s] [%10s] [%-10s] [%.3s] [%10.3s] [%%]\n", 'a', 'b', 'c', "string", "right", "left", "truncated", "both");
  printf("[%zu] [%td] [%jd]\n", (size_t)1, (ptrdiff_t)-2, (intmax_t)3);
  printf("[%3$d %1$s %2$c]\n", "first", 's', 3);
  int written = 0;
  printf("counted%n\n", &written);
  printf("written %d\n", written);

  char small[8];
  const int wanted = snprintf(small, sizeof small, "%d-%s", 123456, "long");
  printf("wanted %d kept [%s]\n", wanted, small);
  printf("%ls\n", L"wide");
  return 0;
}
