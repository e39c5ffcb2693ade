/* Large writes and reads in workers, of buffers that other threads filled: a file, a pipe in pieces, standard output. */
#include <fcntl.h>
#include "threads.h"

enum { SIZE = 200000 };
static unsigned char *data, *copy;
static int ends[2], fd;

static void *fill(void *argument) {
  const intptr_t self = (intptr_t)argument;
  for (int i = (int)self; i < SIZE; i += 4) data[i] = (unsigned char)(i * 31 + (i >> 8));
  return NULL;
}
static void *write_file(void *argument) {
  (void)argument;
  CHECK(write(fd, data, SIZE) == SIZE);
  return NULL;
}
static void *read_file(void *argument) {
  (void)argument;
  CHECK(pread(fd, copy, SIZE, 0) == SIZE);
  return NULL;
}
static void *through_pipe(void *argument) {
  if (argument == NULL) {
    CHECK(write(ends[1], data, SIZE) == SIZE);
    close(ends[1]);
    return NULL;
  }
  size_t total = 0;
  for (ssize_t n; (n = read(ends[0], copy + total, 65536)) > 0;) total += (size_t)n;
  return (void *)(intptr_t)total;
}
static void *print(void *argument) {
  (void)argument;
  static char text[80 * 900];
  for (int line = 0; line < 900; line++) {
    memset(text + 80 * line, 'a' + line % 26, 79);
    text[80 * line + 79] = '\n';
  }
  for (size_t done = 0; done < sizeof text;) {
    const ssize_t n = write(1, text + done, sizeof text - done);
    CHECK(n > 0);
    done += (size_t)n;
  }
  return NULL;
}

int main(void) {
  data = malloc(SIZE);
  copy = calloc(1, SIZE);
  fd = open("worker-write.data", O_RDWR | O_CREAT | O_TRUNC, 0644);
  CHECK(fd >= 0 && pipe(ends) == 0);
  run_team(4, fill);
  run_team(1, write_file);
  run_team(1, read_file);
  printf("file %d %08x\n", memcmp(data, copy, SIZE), checksum(CHECKSUM_START, copy, SIZE));
  memset(copy, 0, SIZE);
  printf("pipe %ld %d\n", run_team(2, through_pipe), memcmp(data, copy, SIZE));
  fflush(stdout);
  run_team(1, print);
  printf("size %ld\n", (long)lseek(fd, 0, SEEK_END));
  return 0;
}
