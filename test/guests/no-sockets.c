/* Calls on sockets, made on files that are none and on descriptors that are closed. */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "guest.h"

#define TRY(call)                                         \
  do {                                                    \
    errno = 0;                                            \
    const int result = (int)(call);                       \
    printf("%s = %d errno %d\n", #call, result, errno);   \
  } while (0)

int main(void) {
  int pipe_ends[2];
  CHECK(pipe(pipe_ends) == 0);
  const int files[] = {
      pipe_ends[0], open("/dev/null", O_RDWR), open("/", O_RDONLY), open("/proc/self/stat", O_RDONLY), 500, -1,
  };
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    const int fd = files[i];
    socklen_t size = sizeof address;
    int option = 0;
    char byte = 0;
    /* Of an empty message qemu-arm says that it was sent. */
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    socklen_t option_size = sizeof option;
    TRY(getpeername(fd, (struct sockaddr *)&address, &size));
    TRY(getsockname(fd, (struct sockaddr *)&address, &size));
    TRY(getsockopt(fd, SOL_SOCKET, SO_TYPE, &option, &option_size));
    TRY(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &option, sizeof option));
    TRY(bind(fd, (struct sockaddr *)&address, sizeof address));
    TRY(connect(fd, (struct sockaddr *)&address, sizeof address));
    TRY(listen(fd, 5));
    TRY(accept(fd, NULL, NULL));
    TRY(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
    TRY(send(fd, &byte, 1, 0));
    TRY(recv(fd, &byte, 1, 0));
    TRY(sendto(fd, &byte, 1, 0, NULL, 0));
    TRY(recvfrom(fd, &byte, 1, 0, NULL, NULL));
    TRY(sendmsg(fd, &message, 0));
    TRY(recvmsg(fd, &message, 0));
    TRY(shutdown(fd, SHUT_RDWR));
  }
  return 0;
}
