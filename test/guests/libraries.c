/* Linked dynamically: dlopen and dlsym, lazy binding through the PLT, symbols and thread-local storage of a library. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <math.h>
#include "threads.h"

static int count_objects(struct dl_phdr_info *info, size_t size, void *count) {
  (void)size;
  CHECK(info->dlpi_phnum > 0);
  ++*(int *)count;
  return 0;
}

typedef double Unary(double);

static void *work(void *argument) {
  void *library = dlopen("libm.so.6", RTLD_LAZY);
  CHECK(library);
  Unary *const cosine = (Unary *)dlsym(library, "cos");
  CHECK(cosine);
  const intptr_t self = (intptr_t)argument;
  errno = (int)self;
  double sum = 0;
  for (int i = 0; i < 200; i++) sum += cosine(i * 0.01 + self);
  CHECK(errno == (int)self);
  CHECK(dlclose(library) == 0);
  return (void *)(intptr_t)(sum * 1000);
}

int main(void) {
  int objects = 0;
  dl_iterate_phdr(count_objects, &objects);
  printf("objects %d\n", objects >= 3);
  printf("total %ld\n", run_team(6, work));
  printf("missing library %d, missing symbol %d\n", dlopen("libabsent.so.9", RTLD_NOW) == NULL, dlsym(RTLD_DEFAULT, "no_such_symbol") == NULL);
  Dl_info info;
  CHECK(dladdr((void *)(uintptr_t)printf, &info));
  printf("printf is in %s\n", strrchr(info.dli_fname, '/') + 1);
  volatile double x = 0.5;
  printf("%a %a\n", sin(x), pow(x, 3.5));
  return 0;
}
