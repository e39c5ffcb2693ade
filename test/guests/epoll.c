/* epoll over pipes and event counters: level- and edge-triggered, one shot, nested, closed and duplicated descriptors,
   time limits, the errors, and a waiter that another thread wakes. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "threads.h"

static int epoll;

static void show(const char *what, int limit, int timeout) {
  struct epoll_event events[8];
  const int count = epoll_wait(epoll, events, limit, timeout);
  printf("%s: %d", what, count);
  if (count < 0) printf(" errno %d", errno);
  for (int i = 0; i < count; i++) printf(" %x/%llx", events[i].events, (unsigned long long)events[i].data.u64);
  printf("\n");
}

static void control(const char *what, int operation, int fd, uint32_t events, uint64_t data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  const int result = epoll_ctl(epoll, operation, fd, &event);
  printf("%s %d %d\n", what, result, result ? errno : 0);
}

static void put(int fd, const char *text) { CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text)); }

static void take(int fd, size_t size) {
  char buffer[64];
  const ssize_t count = read(fd, buffer, size);
  printf("read %zd '%.*s'\n", count, count > 0 ? (int)count : 0, buffer);
}

static void *write_later(void *argument) {
  usleep(30000);
  put((int)(intptr_t)argument, "late");
  return NULL;
}

static void triggers(void) {
  int first[2], second[2];
  CHECK(pipe2(first, O_NONBLOCK) == 0 && pipe2(second, O_NONBLOCK | O_CLOEXEC) == 0);
  control("add", EPOLL_CTL_ADD, first[0], EPOLLIN, 0x1122334455667788);
  control("again", EPOLL_CTL_ADD, first[0], EPOLLIN, 1);
  show("nothing yet", 8, 0);
  show("still nothing", 8, 20);
  put(first[1], "abcdef");
  show("level", 8, -1);
  show("level again", 8, -1);
  control("edge", EPOLL_CTL_MOD, first[0], EPOLLIN | EPOLLET, 2);
  show("edge after the change", 8, 0);
  show("edge once", 8, 0);
  take(first[0], 2);
  show("no edge by reading", 8, 0);
  put(first[1], "gh");
  show("a new edge", 8, 0);
  take(first[0], 60);
  take(first[0], 60);
  control("one shot", EPOLL_CTL_MOD, first[0], EPOLLIN | EPOLLONESHOT, 3);
  put(first[1], "x");
  show("one shot", 8, 0);
  show("one shot is over", 8, 0);
  control("armed again", EPOLL_CTL_MOD, first[0], EPOLLIN | EPOLLONESHOT, 4);
  show("armed again", 8, 0);
  control("writable", EPOLL_CTL_ADD, second[1], EPOLLOUT, 5);
  show("writable", 8, 0);
  while (write(second[1], "0123456789abcdef", 16) == 16);
  show("full", 8, 0);
  take(second[0], 60);
  show("not enough room", 8, 0);
  control("nothing wanted", EPOLL_CTL_MOD, second[1], 0, 6);
  show("nothing wanted", 8, 0);
  close(second[0]);
  show("an error is always told", 8, 0);
  control("remove", EPOLL_CTL_DEL, second[1], 0, 0);
  control("removed", EPOLL_CTL_DEL, second[1], 0, 0);
  control("not there", EPOLL_CTL_MOD, second[1], EPOLLIN, 0);
  control("level", EPOLL_CTL_MOD, first[0], EPOLLIN, 7);
  const int copy = dup(first[0]);
  close(first[0]);
  show("a copy keeps it", 8, 0);
  close(first[1]);
  show("hang-up", 8, 0);
  close(copy);
  show("gone", 8, 0);
  close(second[1]);
}

static void counters(void) {
  int fds[4];
  for (int i = 0; i < 4; i++) {
    CHECK((fds[i] = eventfd(i == 2, EFD_NONBLOCK)) >= 0);
    control("counter", EPOLL_CTL_ADD, fds[i], EPOLLIN | (i == 3 ? EPOLLET : 0), 100 + i);
  }
  show("one of four", 8, -1);
  uint64_t value = 5;
  for (int i = 0; i < 4; i++) CHECK(write(fds[i], &value, 8) == 8);
  int seen = 0;
  for (int round = 0; round < 6; round++) {
    struct epoll_event events[2];
    const int count = epoll_wait(epoll, events, 2, 0);
    for (int i = 0; i < count; i++) seen |= 1 << (events[i].data.u32 - 100);
  }
  printf("all are reported in turn: %x\n", seen);
  CHECK(write(fds[3], &value, 8) == 8);
  for (int i = 0; i < 3; i++) CHECK(read(fds[i], &value, 8) == 8);
  show("an edge of the counter", 8, 0);
  show("over", 8, 0);
  for (int i = 0; i < 4; i++) close(fds[i]);
}

static void nested(void) {
  const int outer = epoll_create(1), inner = epoll;
  const int counter = eventfd(0, 0);
  control("inner", EPOLL_CTL_ADD, counter, EPOLLIN, 1);
  epoll = outer;
  control("outer", EPOLL_CTL_ADD, inner, EPOLLIN, 2);
  show("outer waits", 8, 0);
  const uint64_t one = 1;
  CHECK(write(counter, &one, 8) == 8);
  show("outer knows", 8, 0);
  epoll = inner;
  control("a circle", EPOLL_CTL_ADD, outer, EPOLLIN, 3);
  control("itself", EPOLL_CTL_ADD, inner, EPOLLIN, 3);
  show("inner knows", 8, 0);
  close(counter);
  close(outer);
}

static void errors(void) {
  int file = open("/proc/self/exe", O_RDONLY);
  control("a file", EPOLL_CTL_ADD, file, EPOLLIN, 0);
  control("closed", EPOLL_CTL_ADD, 999, EPOLLIN, 0);
  control("no such operation", 9, 0, EPOLLIN, 0);
  show("no room", 0, 0);
  show("less than none", -1, 0);
  const int counter = eventfd(0, 0);
  control("exclusive", EPOLL_CTL_ADD, counter, EPOLLIN | EPOLLEXCLUSIVE, 0);
  control("exclusive is not modified", EPOLL_CTL_MOD, counter, EPOLLIN, 0);
  struct epoll_event event;
  printf("not an epoll %d", epoll_wait(file, &event, 1, 0));
  printf(" %d, bad flags %d", errno, epoll_create1(1));
  printf(" %d, no size %d", errno, epoll_create(0));
  printf(" %d, bad address %d", errno, epoll_ctl(epoll, EPOLL_CTL_ADD, counter, (void *)4));
  printf(" %d\n", errno);
  close(counter);
  close(file);
}

static volatile sig_atomic_t alarms;
static void on_alarm(int number) { alarms += number == SIGALRM; }

int main(void) {
  CHECK((epoll = epoll_create1(EPOLL_CLOEXEC)) >= 0 && fcntl(epoll, F_GETFD) == FD_CLOEXEC);
  triggers();
  counters();
  nested();
  errors();
  int late[2];
  CHECK(pipe(late) == 0);
  control("late", EPOLL_CTL_ADD, late[0], EPOLLIN, 42);
  pthread_t writer;
  CHECK(pthread_create(&writer, NULL, write_later, (void *)(intptr_t)late[1]) == 0);
  show("woken by a thread", 8, 10000);
  CHECK(pthread_join(writer, NULL) == 0);
  take(late[0], 60);
  struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  sigset_t none, blocked;
  sigemptyset(&none);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGALRM);
  CHECK(pthread_sigmask(SIG_BLOCK, &blocked, NULL) == 0);
  raise(SIGALRM);
  struct epoll_event event;
  show("blocked", 8, 10);
  printf("interrupted %d", epoll_pwait(epoll, &event, 1, 5000, &none));
  printf(" %d, alarms %d\n", errno, (int)alarms);
  return 0;
}
