/* Operations of the stress program that call the kernel: maps, protection, waiting, threads, processes. */
#ifndef STRESS_SYSTEM_H
#define STRESS_SYSTEM_H

#include "stress-memory.h"

static uint32_t *scratch_of(uint32_t thread) { return (uint32_t *)(scratch + 2 * thread * PAGE); }

static void map_scratch(Worker *worker) {
  uint32_t *const page = scratch_of(worker->self);
  const uint32_t word = random_below(&worker->random, PAGE / 4);
  if (random_below(&worker->random, 2)) {
    if (munmap(page, PAGE) != 0) fail("munmap", page, 0, errno);
    if (!faulting((uint8_t *)(page + word), 0)) fail("no fault after munmap", page + word, 0, 0);
  }
  if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != page)
    fail("mmap", page, 0, errno);
  worker->generation++;
  for (uint32_t i = 0; i < PAGE / 4; i += 61)
    if (page[i] != 0) fail("a page mapped anew", page + i, 0, page[i]);
  if (page[word] != 0) fail("a page mapped anew", page + word, 0, page[word]);
  for (int i = 0; i < 4; i++) page[random_below(&worker->random, PAGE / 4)] = worker->generation << 8 | worker->self;
}

static void load_scratch(Worker *worker) {
  const uint32_t owner = random_below(&worker->random, threads);
  const volatile uint32_t *const at = scratch_of(owner) + random_below(&worker->random, PAGE / 4);
  const uint32_t seen = *at;
  if (seen != 0 && (seen & 0xff) != owner) fail("another thread's scratch page", at, owner, seen);
}

/* While a page is read-only nothing in it changes; while it can't be read either, a load faults. */
static void protect(Worker *worker) {
  static uint8_t before[PAGE];
  if (pthread_mutex_trylock(&map_lock) != 0) return;
  uint8_t *const page = area + random_below(&worker->random, STRIP_PAGES + RECORD_PAGES) * PAGE;
  const uint32_t at = random_below(&worker->random, PAGE);
  if (mprotect(page, PAGE, PROT_READ) != 0) fail("mprotect", page, 0, errno);
  memcpy(before, page, PAGE);
  if (!faulting(page + at, 1)) fail("no fault at a read-only byte", page + at, 0, 0);
  if (random_below(&worker->random, 4) == 0) {
    if (mprotect(page, PAGE, PROT_NONE) != 0) fail("mprotect", page, 0, errno);
    if (!faulting(page + at, 0)) fail("no fault at a protected byte", page + at, 0, 0);
    if (mprotect(page, PAGE, PROT_READ) != 0) fail("mprotect", page, 0, errno);
  }
  compare("a read-only page", page, before, page, PAGE);
  if (mprotect(page, PAGE, PROT_READ | PROT_WRITE) != 0) fail("mprotect", page, 0, errno);
  pthread_mutex_unlock(&map_lock);
}

static struct timespec after_ms(clockid_t clock, long ms) {
  struct timespec time;
  clock_gettime(clock, &time);
  time.tv_nsec += ms % 1000 * 1000000;
  time.tv_sec += ms / 1000 + time.tv_nsec / 1000000000;
  time.tv_nsec %= 1000000000;
  return time;
}

static void use_queue(Worker *worker) {
  const int push = (int)random_below(&worker->random, 2);
  pthread_mutex_lock(&queue.mutex);
  if (push && queue.count < QUEUE_SLOTS) {
    const uint32_t item = random_next(&worker->random);
    queue.items[(queue.head + queue.count++) % QUEUE_SLOTS] = item;
    worker->pushed++;
    worker->pushed_sum += item;
    pthread_cond_signal(&queue.filled);
  } else {
    const struct timespec until = after_ms(CLOCK_REALTIME, 2);
    int result = 0;
    while (queue.count == 0 && result == 0) result = pthread_cond_timedwait(&queue.filled, &queue.mutex, &until);
    if (result != 0 && result != ETIMEDOUT) fail("pthread_cond_timedwait", &queue, 0, (uint32_t)result);
    if (queue.count > 0) {
      worker->popped++;
      worker->popped_sum += queue.items[queue.head];
      queue.head = (queue.head + 1) % QUEUE_SLOTS;
      queue.count--;
    }
  }
  pthread_mutex_unlock(&queue.mutex);
}

static void use_futex(Worker *worker) {
  if (random_below(&worker->random, 2)) {
    __atomic_add_fetch(&futex_word, 1, __ATOMIC_SEQ_CST);
    const long count = syscall(SYS_futex, &futex_word, FUTEX_WAKE_PRIVATE, 2, NULL);
    if (count < 0 || count > 2) fail("FUTEX_WAKE", &futex_word, 2, (uint64_t)count);
    return;
  }
  const struct timespec time = {.tv_nsec = 1000000};
  const uint32_t seen = __atomic_load_n(&futex_word, __ATOMIC_SEQ_CST);
  if (syscall(SYS_futex, &futex_word, FUTEX_WAIT_PRIVATE, seen, &time) == 0) worker->woken++;
  else if (errno != EAGAIN && errno != ETIMEDOUT && errno != EINTR) fail("FUTEX_WAIT", &futex_word, 0, (uint32_t)errno);
}

static void *visit(void *argument) {
  Worker *const worker = argument;
  current = worker;
  count_up(worker);
  use_group(worker);
  load_strip(worker);
  return NULL;
}

/* A thread that comes, works for its maker (who waits), and goes. */
static void make_thread(Worker *worker) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, visit, worker) != 0) fail("pthread_create", worker, 0, errno);
  if (pthread_join(thread, NULL) != 0) fail("pthread_join", worker, 0, errno);
}

/* What the worker wrote, as far as its books say, is there, in this process. */
static int own_strips_right(const Worker *worker) {
  for (uint32_t i = 0; i < strip_count; i++)
    if (strips[i].owner == worker->self &&
        memcmp(strip_area + strips[i].start, shadow + strips[i].start, strips[i].size) != 0)
      return 0;
  return 1;
}

/*
 * A child sees what its maker's thread wrote, and neither's later stores reach the other. Nothing is protected then.
 * The bare call, because the child needs nothing of the C library, which would look at its list of all threads.
 */
static void make_process(Worker *worker) {
  enum { RIGHT = 7 };
  int status = 0;
  /* A process takes much longer than all else. */
  if (!processes || random_below(&worker->random, 6) != 0 || pthread_mutex_trylock(&map_lock) != 0) return;
  const pid_t child = (pid_t)syscall(SYS_fork);
  if (child == 0) {
    if (!own_strips_right(worker)) _exit(1);
    for (uint32_t i = 0; i < strip_count; i++)
      if (strips[i].owner == worker->self) strip_area[strips[i].start] ^= 0xff;
    _exit(own_strips_right(worker) ? 2 : RIGHT);
  }
  pthread_mutex_unlock(&map_lock);
  if (child < 0) fail("fork", worker, 0, (uint32_t)errno);
  store_strip(worker);
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) fail("waitpid", worker, 0, (uint32_t)errno);
  if (status != RIGHT << 8) fail("the child's status", worker, RIGHT << 8, (uint32_t)status);
  if (!own_strips_right(worker)) fail("strips after a fork", worker, 1, 0);
}

#endif
