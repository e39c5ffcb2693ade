/* The auxiliary vector, getrandom, limits, the initial stack. */
#include <elf.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>
#include <asm/hwcap.h>
#include "guest.h"

extern char **environ;

int main(int argc, char **argv) {
  const Elf32_auxv_t *entry;
  char **walk = environ;
  while (*walk++) {}
  int entries = 0, found = 0;
  for (entry = (const Elf32_auxv_t *)walk; entry->a_type != AT_NULL; entry++) {
    entries++;
    if (entry->a_type == AT_PAGESZ) found |= entry->a_un.a_val == 4096;
    if (entry->a_type == AT_PHENT) found |= (entry->a_un.a_val == sizeof(Elf32_Phdr)) << 1;
    if (entry->a_type == AT_RANDOM) found |= (entry->a_un.a_val != 0) << 2;
  }
  printf("entries %d found %d\n", entries > 8, found);
  printf("page %lu hardware floats %d\n", getauxval(AT_PAGESZ), !!(getauxval(AT_HWCAP) & HWCAP_VFP));
  const Elf32_Phdr *headers = (const Elf32_Phdr *)getauxval(AT_PHDR);
  int loads = 0;
  for (unsigned i = 0; i < getauxval(AT_PHNUM); i++) loads += headers[i].p_type == PT_LOAD;
  printf("program headers readable %d\n", loads >= 2);
  printf("entry point is in the image %d\n", getauxval(AT_ENTRY) > 0x10000 && getauxval(AT_ENTRY) < 0x1000000);
  printf("platform starts with v %d, secure %lu\n", strncmp((const char *)getauxval(AT_PLATFORM), "v", 1) == 0, getauxval(AT_SECURE));
  printf("ids agree %d\n", getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid());
  const unsigned char *bytes = (const unsigned char *)getauxval(AT_RANDOM);
  unsigned any = 0;
  for (int i = 0; i < 16; i++) any |= bytes[i];
  unsigned char one[32], two[32];
  CHECK(getrandom(one, sizeof one, 0) == 32 && getrandom(two, sizeof two, 0) == 32);
  printf("random %d, two draws differ %d\n", any != 0, memcmp(one, two, 32) != 0);
  printf("stack aligned %d, arguments lie above the frame %d\n", ((uintptr_t)__builtin_frame_address(0) & 3) == 0, (uintptr_t)argv > (uintptr_t)&argc);
  struct rlimit limit;
  CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
  printf("stack limit %d\n", limit.rlim_cur >= 65536);
  return 0;
}
