/* Files in the working directory: open, read, write, seek, stat, truncate, rename, links, directories, stdio. */
#define _FILE_OFFSET_BITS 64 /* 32-bit inode numbers overflow on many hosts */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include "guest.h"

static int by_name(const void *a, const void *b) { return strcmp(a, b); }

static void list(const char *path) {
  char names[64][32];
  int count = 0;
  DIR *directory = opendir(path);
  CHECK(directory);
  for (struct dirent *entry; (entry = readdir(directory));)
    if (entry->d_name[0] != '.') snprintf(names[count++], 32, "%.28s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
  closedir(directory);
  qsort(names, (size_t)count, sizeof *names, by_name);
  printf("list:");
  for (int i = 0; i < count; i++) printf(" %s", names[i]);
  printf("\n");
}

int main(void) {
  char buffer[4096];
  CHECK(mkdir("box", 0755) == 0);
  CHECK(mkdir("box", 0755) == -1);
  printf("again: %s\n", strerror(errno));
  CHECK(chdir("box") == 0);
  CHECK(getcwd(buffer, sizeof buffer) && strcmp(strrchr(buffer, '/'), "/box") == 0);

  const int fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0644);
  CHECK(fd >= 0);
  for (int i = 0; i < 5000; i++) {
    const int size = snprintf(buffer, sizeof buffer, "line %d\n", i);
    CHECK(write(fd, buffer, (size_t)size) == size);
    if (i % 1000 == 999) printf("at %ld\n", (long)lseek(fd, 0, SEEK_CUR));
  }
  CHECK(lseek(fd, 100, SEEK_SET) == 100);
  CHECK(read(fd, buffer, 30) == 30);
  printf("read [%.30s]\n", buffer);
  CHECK(pread(fd, buffer, 20, 1000) == 20);
  printf("pread [%.20s] still at %ld\n", buffer, (long)lseek(fd, 0, SEEK_CUR));
  CHECK(pwrite(fd, "CHANGED", 7, 1000) == 7);
  const struct iovec parts[] = {{"one ", 4}, {"two ", 4}, {"three\n", 6}};
  CHECK(lseek(fd, 0, SEEK_END) > 0);
  CHECK(writev(fd, parts, 3) == 14);
  struct stat status;
  CHECK(fstat(fd, &status) == 0);
  printf("size %lld regular %d mode %o links %d\n", (long long)status.st_size, !!S_ISREG(status.st_mode), status.st_mode & 0777, (int)status.st_nlink);
  CHECK(ftruncate(fd, 2000) == 0);
  CHECK(lseek(fd, 3000, SEEK_SET) == 3000);
  CHECK(write(fd, "end", 3) == 3);
  CHECK(close(fd) == 0);
  CHECK(close(fd) == -1 && errno == EBADF);

  FILE *file = fopen("data", "r");
  uint32_t sum = CHECKSUM_START;
  size_t got, total = 0;
  while ((got = fread(buffer, 1, 333, file)) > 0) sum = checksum(sum, buffer, got), total += got;
  printf("stdio %zu bytes %08x eof %d\n", total, sum, !!feof(file));
  rewind(file);
  CHECK(fgets(buffer, 100, file));
  printf("first %s", buffer);
  fseek(file, -3, SEEK_END);
  printf("tail %c%c%c\n", fgetc(file), fgetc(file), fgetc(file));
  fclose(file);

  CHECK(rename("data", "moved") == 0);
  CHECK(link("moved", "hard") == 0);
  CHECK(symlink("moved", "soft") == 0);
  CHECK(mkdir("inner", 0700) == 0);
  CHECK(stat("hard", &status) == 0);
  printf("links %d\n", (int)status.st_nlink);
  CHECK(lstat("soft", &status) == 0);
  const ssize_t size = readlink("soft", buffer, sizeof buffer);
  printf("soft %d -> %.*s\n", !!S_ISLNK(status.st_mode), (int)size, buffer);
  list(".");
  CHECK(access("moved", R_OK) == 0 && access("data", F_OK) == -1);
  CHECK(chmod("moved", 0400) == 0 && stat("moved", &status) == 0);
  printf("mode %o\n", status.st_mode & 0777);
  CHECK(rmdir("moved") == -1);
  printf("rmdir of a file: %s\n", strerror(errno));
  CHECK(unlink("moved") == 0 && unlink("hard") == 0 && unlink("soft") == 0 && rmdir("inner") == 0);
  CHECK(open("absent", O_RDONLY) == -1);
  printf("absent: %s\n", strerror(errno));
  FILE *append = fopen("log", "a+");
  fprintf(append, "%d\n", 1);
  fprintf(append, "%d\n", 2);
  fclose(append);
  list(".");
  CHECK(chdir("..") == 0);
  return 0;
}
