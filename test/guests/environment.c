/* Arguments, environment, exit handlers and the exit status, which is the sum of the arguments' lengths. */
#include <unistd.h>
#include "guest.h"

static void last(void) { printf("exit handler one\n"); }
static void earlier(void) { printf("exit handler two\n"); }
__attribute__((constructor)) static void before_main(void) { printf("constructor\n"); }
__attribute__((destructor)) static void after_main(void) { printf("destructor\n"); }

int main(int argc, char **argv) {
  atexit(last);
  atexit(earlier);
  size_t total = 0;
  for (int i = 1; i < argc; i++) {
    printf("argument %d [%s]\n", i, argv[i]);
    total += strlen(argv[i]);
  }
  CHECK(argv[argc] == NULL);
  const char *name = strrchr(argv[0], '/');
  printf("name ends %s\n", name && strncmp(name + 1, "environment", 11) == 0 ? "as it should" : argv[0]);
  const char *given = getenv("ARMADA_GUEST_GREETING");
  printf("given [%s]\n", given ? given : "(none)");
  CHECK(setenv("LATER", "set here", 1) == 0);
  printf("set [%s] absent %d\n", getenv("LATER"), getenv("ARMADA_NO_SUCH") == NULL);
  unsetenv("LATER");
  printf("unset %d\n", getenv("LATER") == NULL);
  return (int)total;
}
