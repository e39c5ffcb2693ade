/* Signals and threads: to one thread, blocked in another, waited for by sigwait, a fault's handler in a worker. */
#include <errno.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include "threads.h"

static __thread volatile sig_atomic_t caught;
static __thread sigjmp_buf resume;
static pthread_t receiver;
static sem_t ready, received;
static int waited;

static void count(int signal) {
  (void)signal;
  caught++;
  sem_post(&received);
}
static void leave(int signal) { siglongjmp(resume, signal); }

static void *sender(void *argument) {
  (void)argument;
  sem_wait(&ready);
  for (int i = 0; i < 20; i++) {
    CHECK(pthread_kill(receiver, SIGUSR1) == 0);
    sem_wait(&received);
  }
  return (void *)(intptr_t)caught;
}
static void *receive(void *argument) {
  (void)argument;
  receiver = pthread_self();
  sem_post(&ready);
  while (caught < 20) usleep(500);
  return (void *)(intptr_t)(caught * 100);
}
static void *either(void *argument) { return argument ? sender(argument) : receive(argument); }

/* Computes without any call until the signal comes. */
static volatile int stop;
static void halt(int signal) {
  (void)signal;
  stop = 1;
}
static void *spinner(void *argument) {
  (void)argument;
  unsigned long turns = 0;
  sem_post(&ready);
  do turns++;
  while (!stop);
  return (void *)(intptr_t)(turns > 0);
}

static void *fault(void *argument) {
  volatile intptr_t faults = 0;
  for (volatile int i = 0; i < 20; i++) {
    const int signal = sigsetjmp(resume, 1);
    if (signal == 0) *(volatile char *)(uintptr_t)(i * 8) = 1;
    else faults = faults + (signal == SIGSEGV);
  }
  (void)argument;
  return (void *)faults;
}
static void *wait_for(void *argument) {
  (void)argument;
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sem_post(&ready);
  int signal = 0;
  CHECK(sigwait(&set, &signal) == 0);
  waited = signal;
  return NULL;
}

int main(void) {
  sem_init(&ready, 0, 0);
  sem_init(&received, 0, 0);
  struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  printf("to a thread %ld\n", run_team(2, either));

  action.sa_handler = halt;
  sigaction(SIGUSR1, &action, NULL);
  pthread_t thread;
  void *result;
  CHECK(pthread_create(&thread, NULL, spinner, NULL) == 0);
  sem_wait(&ready);
  pthread_kill(thread, SIGUSR1);
  pthread_join(thread, &result);
  printf("spinner stopped %ld\n", (long)(intptr_t)result);

  action.sa_handler = leave;
  sigaction(SIGSEGV, &action, NULL);
  printf("faults in workers %ld\n", run_team(4, fault));

  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  CHECK(pthread_create(&thread, NULL, wait_for, NULL) == 0);
  sem_wait(&ready);
  kill(getpid(), SIGUSR2);
  pthread_join(thread, NULL);
  printf("waited for %d\n", waited == SIGUSR2);
  printf("no such signal %d\n", pthread_kill(pthread_self(), 1000) == EINVAL);
  return 0;
}
