/* fenv.h itself: each exception raised, tested, held, saved and given back; environments of threads, of handlers and of
   code between setjmp and longjmp. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include "float-environment.h"

static const struct {
  const char *name;
  int exception;
} exceptions[] = {{"invalid", FE_INVALID},
                  {"division by zero", FE_DIVBYZERO},
                  {"overflow", FE_OVERFLOW},
                  {"underflow", FE_UNDERFLOW},
                  {"inexact", FE_INEXACT},
                  {"all", FE_ALL_EXCEPT},
                  {"none", 0}};
enum { EXCEPTIONS = sizeof exceptions / sizeof *exceptions };

static volatile double one = 1, three = 3, zero = 0, big = DBL_MAX, tiny = DBL_MIN;

static void show(const char *what) {
  printf("  %s: %02x round %x fpscr %08x\n", what, fetestexcept(FE_ALL_EXCEPT), fegetround(), fpscr_get() & 0x0fffff9f);
}

static void each_exception(void) {
  for (int i = 0; i < EXCEPTIONS; i++) {
    const int exception = exceptions[i].exception;
    printf("%s\n", exceptions[i].name);
    CHECK(feclearexcept(FE_ALL_EXCEPT) == 0);
    printf("  raise %d", feraiseexcept(exception));
    show("");
    fexcept_t saved;
    CHECK(fegetexceptflag(&saved, FE_ALL_EXCEPT) == 0);
    feclearexcept(exception);
    show("cleared");
    CHECK(fesetexceptflag(&saved, exception) == 0);
    show("given back");
    fenv_t held;
    CHECK(feholdexcept(&held) == 0);
    show("held");
    volatile double r = one / three;
    show("inexact meanwhile");
    CHECK(feupdateenv(&held) == 0);
    show("updated");
    CHECK(fesetenv(&held) == 0);
    show("set");
    CHECK(fesetexcept(FE_DIVBYZERO) == 0);
    show("one more");
    printf("  traps %d %d\n", feenableexcept(exception), fegetexcept());
    CHECK(fesetenv(FE_DFL_ENV) == 0);
    show("default");
  }
}

static void modes_and_environments(void) {
  for (int m = 0; m < MODES; m++) {
    fenv_t environment;
    CHECK(fesetround(modes[m].mode) == 0);
    volatile double r = one / three;
    CHECK(fegetenv(&environment) == 0 && fesetenv(FE_DFL_ENV) == 0);
    volatile double nearest = one / three;
    CHECK(fesetenv(&environment) == 0 && fegetround() == modes[m].mode);
    femode_t control;
    CHECK(fegetmode(&control) == 0 && fesetmode(FE_DFL_MODE) == 0);
    show("default mode");
    CHECK(fesetmode(&control) == 0);
    show(modes[m].name);
    printf("  %a %a %d\n", r, nearest, fesetround(12345));
  }
  fesetround(FE_TONEAREST);
}

static void *in_thread(void *argument) {
  const int m = (int)(intptr_t)argument;
  static char lines[MODES][200];
  const int inherited = fegetround(), raised = fetestexcept(FE_ALL_EXCEPT);
  fesetround(modes[m].mode);
  double sum = 0;
  for (int i = 1; i < 3000; i++) sum += one / (i * three);
  if (m & 1) feraiseexcept(FE_OVERFLOW);
  snprintf(lines[m], sizeof lines[m], "  thread %d: inherited %x %02x, %a, %02x round %x\n", m, inherited, raised, sum,
           fetestexcept(FE_ALL_EXCEPT), fegetround());
  return lines[m];
}

static sigjmp_buf back;
static volatile sig_atomic_t handled;

static void handler(int number) {
  (void)number;
  /* A handler starts with the interrupted code's environment here, and its changes end with it. */
  printf("  in the handler %x %02x\n", fegetround(), fetestexcept(FE_ALL_EXCEPT));
  fesetround(FE_UPWARD);
  feraiseexcept(FE_INVALID);
  if (handled++) siglongjmp(back, 1);
}

int main(void) {
  each_exception();
  modes_and_environments();
  fesetround(FE_DOWNWARD);
  feclearexcept(FE_ALL_EXCEPT);
  feraiseexcept(FE_UNDERFLOW);
  pthread_t threads[MODES];
  for (int m = 0; m < MODES; m++) CHECK(pthread_create(&threads[m], NULL, in_thread, (void *)(intptr_t)m) == 0);
  for (int m = 0; m < MODES; m++) {
    void *line;
    CHECK(pthread_join(threads[m], &line) == 0);
    fputs(line, stdout);
  }
  show("after the threads");
  signal(SIGUSR1, handler);
  raise(SIGUSR1);
  show("after a handler");
  if (sigsetjmp(back, 1) == 0) raise(SIGUSR1);
  show("after a jump out of one");
  return 0;
}
