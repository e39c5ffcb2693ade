/* Memory maps: mmap, munmap, mprotect, mremap, brk, files mapped private and shared, fixed addresses. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#include "guest.h"

enum { PAGE = 4096 };
static sigjmp_buf resume;
static void leave(int signal) { siglongjmp(resume, signal); }
static int faults(volatile unsigned char *at, int write) {
  if (sigsetjmp(resume, 1)) return 1;
  if (write) *at = 1;
  else (void)*at;
  return 0;
}

int main(void) {
  struct sigaction action = {.sa_handler = leave};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);

  unsigned char *area = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(area != MAP_FAILED && ((uintptr_t)area & (PAGE - 1)) == 0);
  uint32_t sum = 0;
  for (int i = 0; i < 64 * PAGE; i++) sum |= area[i];
  printf("zeroed %d\n", sum == 0);
  memset(area, 0xa5, 64 * PAGE);
  CHECK(munmap(area + 8 * PAGE, 8 * PAGE) == 0);
  printf("hole %d before %d after %d\n", faults(area + 8 * PAGE, 0), faults(area + 8 * PAGE - 1, 1), faults(area + 16 * PAGE, 1));
  CHECK(mprotect(area + 20 * PAGE, 2 * PAGE, PROT_READ) == 0);
  CHECK(mprotect(area + 22 * PAGE, PAGE, PROT_NONE) == 0);
  printf("read-only %d%d none %d%d next %d\n", faults(area + 21 * PAGE, 0), faults(area + 21 * PAGE, 1), faults(area + 22 * PAGE, 0), faults(area + 22 * PAGE, 1),
         faults(area + 23 * PAGE, 1));
  unsigned char *fixed = mmap(area + 8 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  printf("fixed %d zero %d neighbour %02x\n", fixed == area + 8 * PAGE, fixed[0], area[8 * PAGE - 2]);

  unsigned char *small = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 2 * PAGE; i++) small[i] = (unsigned char)(i * 13);
  unsigned char *large = mremap(small, 2 * PAGE, 300 * PAGE, MREMAP_MAYMOVE);
  CHECK(large != MAP_FAILED);
  for (int i = 0; i < 2 * PAGE; i++) CHECK(large[i] == (unsigned char)(i * 13));
  printf("grown, new part zero %d\n", large[2 * PAGE] == 0 && large[300 * PAGE - 1] == 0);
  CHECK(mremap(large, 300 * PAGE, PAGE, 0) == large);
  printf("shrunk %d\n", faults(large + PAGE, 0));

  const int fd = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
  for (int i = 0; i < 1500; i++) dprintf(fd, "record %04d\n", i);
  unsigned char *file = mmap(NULL, 5 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  unsigned char *second = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, PAGE);
  CHECK(file != MAP_FAILED && second != MAP_FAILED);
  printf("file %08x page %08x\n", checksum(CHECKSUM_START, file, 18000), checksum(CHECKSUM_START, second, PAGE));
  memcpy(file, "private", 7);
  char buffer[12];
  CHECK(pread(fd, buffer, 12, 0) == 12);
  printf("file keeps %.11s, rest of the last page is zero %d\n", buffer, file[18000] == 0 && file[5 * PAGE - 1] == 0);
  unsigned char *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(shared != MAP_FAILED);
  memcpy(shared + 24, "SHARED", 6);
  CHECK(msync(shared, PAGE, MS_SYNC) == 0);
  CHECK(munmap(shared, PAGE) == 0);
  CHECK(pread(fd, buffer, 12, 24) == 12);
  printf("file has %.11s\n", buffer);
  close(fd);

  unsigned char *brk_start = sbrk(0);
  CHECK(brk(brk_start + 100 * PAGE) == 0);
  memset(brk_start, 1, 100 * PAGE);
  CHECK(brk(brk_start) == 0);
  printf("break back %d\n", (unsigned char *)sbrk(0) == brk_start);
  CHECK(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
  printf("empty map: %s\n", strerror(errno));
  unsigned char *fresh = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(fresh, 7, 4 * PAGE);
  CHECK(madvise(fresh + PAGE, 2 * PAGE, MADV_DONTNEED) == 0);
  printf("after DONTNEED %d%d%d%d\n", fresh[0], fresh[PAGE], fresh[3 * PAGE - 1], fresh[3 * PAGE]);
  for (int i = 0; i < 300; i++) {
    unsigned char *p = mmap(NULL, (size_t)(i % 7 + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && p[0] == 0);
    p[0] = 1;
    CHECK(munmap(p, (size_t)(i % 7 + 1) * PAGE) == 0);
  }
  printf("cycles done\n");
  return 0;
}
