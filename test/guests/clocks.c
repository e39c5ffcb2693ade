/* Clocks and identities, as relations that hold on every machine. */
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>
#include "guest.h"

static int64_t now(clockid_t clock) {
  struct timespec t;
  CHECK(clock_gettime(clock, &t) == 0);
  CHECK(t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
  return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int main(void) {
  int64_t last = now(CLOCK_MONOTONIC);
  for (int i = 0; i < 1000; i++) {
    const int64_t next = now(CLOCK_MONOTONIC);
    CHECK(next >= last);
    last = next;
  }
  const struct timespec nap = {0, 5000000};
  const int64_t before = now(CLOCK_MONOTONIC);
  CHECK(nanosleep(&nap, NULL) == 0);
  CHECK(clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL) == 0);
  const int64_t slept = now(CLOCK_MONOTONIC) - before;
  printf("slept long enough %d, not for ever %d\n", slept >= 10000000, slept < 20000000000LL);

  struct timeval day;
  CHECK(gettimeofday(&day, NULL) == 0);
  const int64_t wall = now(CLOCK_REALTIME);
  printf("wall clocks agree %d, time too %d, after 2024 %d\n", llabs(wall / 1000 - (day.tv_sec * 1000000LL + day.tv_usec)) < 5000000, llabs(wall / 1000000000 - time(NULL)) < 5,
         day.tv_sec > 1704067200);
  volatile unsigned work = 0;
  const clock_t start = clock();
  for (unsigned i = 0; i < 300000; i++) work += i * i;
  printf("processor time moves forward %d\n", clock() >= start);
  struct rusage usage;
  struct tms ticks;
  printf("rusage %d times %d\n", getrusage(RUSAGE_SELF, &usage), times(&ticks) != (clock_t)-1);
  printf("pid %d stable %d parent %d tid %d\n", getpid() > 0, getpid() == getpid(), getppid() >= 0, gettid() == getpid());
  struct utsname names;
  CHECK(uname(&names) == 0);
  printf("%s %s\n", names.sysname, names.machine);
  printf("page %ld processors %d\n", sysconf(_SC_PAGESIZE), sysconf(_SC_NPROCESSORS_ONLN) >= 1);
  const time_t moment = 1000000000;
  struct tm parts;
  char text[64];
  gmtime_r(&moment, &parts);
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %j", &parts);
  printf("%s %d\n", text, timegm(&parts) == moment);
  return 0;
}
