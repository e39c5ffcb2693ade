/* Variable arguments of mixed types: register pairs, alignment on the stack, va_copy, vsnprintf. */
#include <stdarg.h>
#include "guest.h"

/* Format letters: i int, l long long, d double, s string, c char. */
__attribute__((noinline)) static double total(const char *format, ...) {
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  double sum = 0;
  for (const char *f = format; *f; f++) {
    switch (*f) {
      case 'i': sum += va_arg(list, int); break;
      case 'c': sum += (char)va_arg(list, int); break;
      case 'l': sum += (double)va_arg(list, long long); break;
      case 'd': sum += va_arg(list, double); break;
      case 's': sum += (double)strlen(va_arg(list, char *)); break;
    }
  }
  va_end(list);
  if (*format == 'i') sum += va_arg(again, int) * 1000.0;
  va_end(again);
  return sum;
}

__attribute__((noinline)) static int describe(char *text, size_t room, const char *format, ...) {
  va_list list;
  va_start(list, format);
  const int size = vsnprintf(text, room, format, list);
  va_end(list);
  return size;
}

typedef struct {
  int a;
  double b;
  char c[5];
} Mixed;

__attribute__((noinline)) static double structures(int count, ...) {
  va_list list;
  va_start(list, count);
  double sum = 0;
  while (count-- > 0) {
    const Mixed m = va_arg(list, Mixed);
    sum = sum * 2 + m.a + m.b + m.c[4];
  }
  va_end(list);
  return sum;
}

int main(void) {
  printf("%g\n", total("iiiiiiii", 1, 2, 3, 4, 5, 6, 7, 8));
  printf("%g\n", total("ilildidi", 1, 2LL, 3, 4LL << 33, 5.5, 6, 7.25, 8));
  printf("%g\n", total("lllddd", 1LL, -2LL, 1LL << 40, 0.5, -0.25, 1e9));
  printf("%g\n", total("scsci", "four", 'a', "", 'b', -1));
  printf("%g\n", total("dldldld", 1.0, 1LL, 2.0, 2LL, 3.0, 3LL, 4.0));
  printf("%g\n", structures(3, (Mixed){1, 2.5, "abcd"}, (Mixed){-3, 1e3, "wxyz"}, (Mixed){7, -0.5, {0, 0, 0, 0, 9}}));
  char text[64];
  const int size = describe(text, sizeof text, "%d %lld %f %s %c %x", 1, 2LL, 3.0, "four", '5', 6);
  printf("%d [%s]\n", size, text);
  return 0;
}
