/* Code written at run time: made, run, changed in place (cacheflush between), beside data on its page, and unmapped. */
#include <sys/mman.h>
#include "guest.h"

/* movw r1, #value; add r0, r0, r1; bx lr, in A32 (no low bit in the address) */
static void make_adder(uint32_t *code, uint32_t value) {
  code[0] = 0xe3001000u | (value >> 12 & 15) << 16 | (value & 0xfff);
  code[1] = 0xe0800001u;
  code[2] = 0xe12fff1eu;
  __builtin___clear_cache((char *)code, (char *)(code + 3));
}
/* adds r0, #value; bx lr, in T16 */
static void make_thumb_adder(uint16_t *code, uint32_t value) {
  code[0] = (uint16_t)(0x3000 | (value & 0xff));
  code[1] = 0x4770;
  __builtin___clear_cache((char *)code, (char *)(code + 2));
}

typedef uint32_t Function(uint32_t);

int main(void) {
  uint32_t *code = mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(code != MAP_FAILED);
  Function *adder = (Function *)(uintptr_t)code;
  uint32_t total = 0;
  for (uint32_t i = 0; i < 60; i++) {
    make_adder(code, i * 100);
    for (int k = 0; k < 20; k++) total = adder(total);
  }
  printf("changed in place %u\n", total);

  uint16_t *thumb = (uint16_t *)(code + 512);
  Function *thumb_adder = (Function *)((uintptr_t)thumb | 1);
  uint32_t *data = code + 600;
  for (uint32_t i = 0; i < 60; i++) {
    make_thumb_adder(thumb, i);
    for (int k = 0; k < 20; k++) {
      *data += i;
      total = thumb_adder(total) ^ *data;
    }
  }
  printf("beside data %u\n", total);

  for (uint32_t i = 0; i < 100; i++) make_adder(code + 8 * i, i);
  for (int round = 0; round < 50; round++)
    for (uint32_t i = 0; i < 100; i++) total = ((Function *)(uintptr_t)(code + 8 * i))(total);
  printf("many %u\n", total);

  for (uint32_t round = 0; round < 20; round++) {
    uint32_t *again = mmap(code, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    CHECK(again == code);
    make_adder(again, round + 3);
    CHECK(mprotect(again, 4096, PROT_READ | PROT_EXEC) == 0);
    total = adder(total);
  }
  printf("mapped anew %u\n", total);
  return 0;
}
