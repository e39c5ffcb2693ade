/* One descriptor in several threads: opened in one, sought and read in others, one shared offset, closed elsewhere. */
#include <errno.h>
#include <fcntl.h>
#include "threads.h"

enum { TEAM = 4, RECORDS = 200, SIZE = 16 };
static int fd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char seen[RECORDS];

static void *open_file(void *argument) {
  (void)argument;
  fd = open("shared.data", O_RDWR | O_CREAT | O_TRUNC, 0644);
  for (int i = 0; i < RECORDS; i++) {
    char record[SIZE + 1];
    snprintf(record, sizeof record, "record %08d\n", i);
    CHECK(write(fd, record, SIZE) == SIZE);
  }
  return NULL;
}
/* Each read advances the one offset: all together see every record once. */
static void *read_next(void *argument) {
  (void)argument;
  char record[SIZE + 1] = "";
  intptr_t count = 0;
  while (read(fd, record, SIZE) == SIZE) {
    const int index = atoi(record + 7);
    CHECK(index >= 0 && index < RECORDS && !seen[index]);
    seen[index] = 1;
    count++;
  }
  return (void *)count;
}
static void *seek_read(void *argument) {
  const intptr_t self = (intptr_t)argument;
  uint32_t sum = 0;
  for (int i = 0; i < 50; i++) {
    char record[SIZE];
    const int index = (int)(self * 50 + i * 7) % RECORDS;
    pthread_mutex_lock(&lock);
    CHECK(lseek(fd, index * SIZE, SEEK_SET) == index * SIZE);
    CHECK(read(fd, record, SIZE) == SIZE);
    pthread_mutex_unlock(&lock);
    CHECK(atoi(record + 7) == index);
    sum += checksum(CHECKSUM_START, record, SIZE) & 0xfff;
  }
  CHECK(pread(fd, &(char){0}, 1, 5) == 1);
  return (void *)(uintptr_t)sum;
}
static void *close_file(void *argument) {
  (void)argument;
  CHECK(ftruncate(fd, 100) == 0);
  CHECK(lseek(fd, 0, SEEK_END) == 100);
  CHECK(close(fd) == 0);
  return NULL;
}

int main(void) {
  run_team(1, open_file);
  CHECK(lseek(fd, 0, SEEK_SET) == 0);
  printf("records %ld\n", run_team(TEAM, read_next));
  printf("seeks %ld\n", run_team(TEAM, seek_read));
  run_team(1, close_file);
  char byte;
  const ssize_t got = read(fd, &byte, 1);
  printf("closed %d\n", got == -1 && errno == EBADF);
  return 0;
}
