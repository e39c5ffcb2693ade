/* Descriptors in one process: pipe, dup, dup2, fcntl, poll, select. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/select.h>
#include <unistd.h>
#include "guest.h"

int main(void) {
  int ends[2];
  char buffer[64] = "";
  CHECK(pipe2(ends, O_CLOEXEC) == 0);
  printf("close on exec %d\n", fcntl(ends[0], F_GETFD) == FD_CLOEXEC);
  struct pollfd polled[2] = {{.fd = ends[0], .events = POLLIN}, {.fd = ends[1], .events = POLLOUT}};
  printf("poll %d: %d %d\n", poll(polled, 2, 0), polled[0].revents, polled[1].revents == POLLOUT);
  const int copy = dup(ends[1]);
  CHECK(write(copy, "through the copy", 16) == 16);
  printf("poll %d: %d\n", poll(polled, 1, 1000), polled[0].revents == POLLIN);
  CHECK(read(ends[0], buffer, sizeof buffer) == 16);
  printf("[%s]\n", buffer);
  CHECK(dup2(copy, 100) == 100 && close(copy) == 0 && close(ends[1]) == 0);
  CHECK(write(100, "x", 1) == 1 && close(100) == 0);
  CHECK(read(ends[0], buffer, sizeof buffer) == 1);
  printf("end of file %d\n", (int)read(ends[0], buffer, sizeof buffer));
  close(ends[0]);

  CHECK(pipe(ends) == 0);
  CHECK(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
  CHECK(read(ends[0], buffer, 1) == -1);
  printf("would block %d\n", errno == EAGAIN);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(ends[0], &set);
  struct timeval wait = {0, 1000};
  printf("select %d\n", select(ends[0] + 1, &set, NULL, NULL, &wait));
  size_t filled = 0;
  CHECK(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
  for (ssize_t n; (n = write(ends[1], buffer, sizeof buffer)) > 0;) filled += (size_t)n;
  printf("pipe holds %zu\n", filled);
  return 0;
}
