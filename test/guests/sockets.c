/* Descriptors that are neither files nor pipes: socketpair, eventfd, epoll. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include "guest.h"

int main(void) {
  int pair[2];
  char buffer[64] = "";
  CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
  CHECK(send(pair[0], "hello", 5, 0) == 5);
  CHECK(recv(pair[1], buffer, sizeof buffer, MSG_PEEK) == 5);
  CHECK(recv(pair[1], buffer, 3, 0) == 3 && shutdown(pair[0], SHUT_WR) == 0);
  printf("socket %d then %d\n", (int)recv(pair[1], buffer, sizeof buffer, 0), (int)recv(pair[1], buffer, sizeof buffer, 0));

  const int event = eventfd(3, EFD_NONBLOCK), epoll = epoll_create1(0);
  struct epoll_event interest = {.events = EPOLLIN, .data.u64 = 0x123456789abcdef0}, got;
  CHECK(epoll_ctl(epoll, EPOLL_CTL_ADD, event, &interest) == 0);
  printf("epoll %d data %d\n", epoll_wait(epoll, &got, 1, 1000), got.data.u64 == 0x123456789abcdef0);
  uint64_t value = 0;
  CHECK(read(event, &value, 8) == 8);
  printf("event %d, none left %d\n", (int)value, epoll_wait(epoll, &got, 1, 0));
  return 0;
}
