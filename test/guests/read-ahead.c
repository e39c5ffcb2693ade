// Files that are read on and on in small pieces, by threads that on a cluster are on different nodes, while others move
// the position, change the file, its length and what the descriptor means, read to where nothing can be written, and children
// read on. First one after the
// other, so that every result is known; then all at once.
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "guest.h"

enum { WORKERS = 3, FILES = 4, LENGTH = 64 * 1024, STEPS = 120, PIECE = 512, FORKS = 2, VERSIONS = 8 };
enum what { READS, READV, SEEK, PREAD, WRITE, PWRITE, TRUNCATE, REOPEN, DUPLICATE, APPEND, CHILD, REFUSED, KINDS };

// Descriptors: one and its duplicate, the same file opened again, another file.
static int files[FILES];
static char names[2][64];
// Nothing can be read to here.
static char *refused;

static struct task { enum what what; int file, count, size, offset; } task;
static long result;
static uint32_t sum;
static int turn = -1;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

static long perform(const struct task *t) {
  char bytes[4096];
  int fd = files[t->file];
  long got = 0, all = 0;
  switch (t->what) {
    case READS:
      for (int i = 0; i < t->count; i++) {
        got = read(fd, bytes, t->size);
        CHECK(got >= 0 && got <= t->size);
        sum = checksum(sum, bytes, got);
        all += got;
      }
      return all;
    case READV: {
      struct iovec parts[2] = {{bytes, t->size}, {bytes + 1000, 10}};
      got = readv(fd, parts, 2);
      if (got > 0) sum = checksum(sum, bytes, got < t->size ? got : t->size);
      return got;
    }
    case SEEK: return lseek(fd, t->offset, t->count % 2 ? SEEK_SET : SEEK_CUR);
    case PREAD:
      got = pread(fd, bytes, t->size, t->offset);
      sum = checksum(sum, bytes, got);
      return got;
    case WRITE:
    case PWRITE:
      memset(bytes, t->offset, t->size);
      return t->what == WRITE ? write(fd, bytes, t->size) : pwrite(fd, bytes, t->size, t->offset);
    case TRUNCATE: return ftruncate(fd, LENGTH / 2 + t->offset / 2);
    case REOPEN:
      // The same number means another open file from here on.
      close(fd);
      got = open(names[t->file == 3], O_RDWR);
      CHECK(got == fd);
      return got;
    case DUPLICATE: return dup2(files[0], files[1]);
    case APPEND: {
      int other = open(names[t->file == 3], O_WRONLY | O_APPEND);
      memset(bytes, t->offset, t->size);
      got = write(other, bytes, t->size);
      close(other);
      return got;
    }
    case CHILD: {
      int status;
      pid_t child = fork();
      if (child == 0) {
        got = read(fd, bytes, t->size);
        _exit(got <= 0 ? 1 : bytes[0] & 0x7f);
      }
      CHECK(child > 0 && waitpid(child, &status, 0) == child);
      return status;
    }
    case REFUSED: return read(fd, refused, t->size);
    default: return -1;
  }
}

static void *worker(void *argument) {
  int own = (int)(intptr_t)argument;
  pthread_mutex_lock(&mutex);
  for (;;) {
    while (turn != own && turn != WORKERS) pthread_cond_wait(&changed, &mutex);
    if (turn == WORKERS) break;
    result = perform(&task);
    turn = -1;
    pthread_cond_broadcast(&changed);
  }
  pthread_mutex_unlock(&mutex);
  return NULL;
}

static void have_done(int who) {
  turn = who;
  pthread_cond_broadcast(&changed);
  while (turn == who && who != WORKERS) pthread_cond_wait(&changed, &mutex);
}

static void in_order(void) {
  pthread_t threads[WORKERS];
  Random random = {7};
  int forks = 0;
  for (int i = 0; i < WORKERS; i++) pthread_create(&threads[i], NULL, worker, (void *)(intptr_t)i);
  pthread_mutex_lock(&mutex);
  for (int step = 1; step <= STEPS; step++) {
    enum what what = random_below(&random, 3) ? READS : random_below(&random, KINDS);
    if (what == CHILD && forks++ >= FORKS) what = READS;
    task = (struct task){what, random_below(&random, FILES), 1 + random_below(&random, 60), 1 + random_below(&random, 600),
                         random_below(&random, LENGTH / 2)};
    // Mostly the one that did the last: it may have been sent bytes ahead.
    static int who;
    if (random_below(&random, 3) == 0) who = random_below(&random, WORKERS);
    have_done(who);
    sum = checksum(sum, &result, sizeof result);
    if (step % 30 == 0) printf("after %d: %08x\n", step, (unsigned)sum);
  }
  have_done(WORKERS);
  pthread_mutex_unlock(&mutex);
  for (int i = 0; i < WORKERS; i++) pthread_join(threads[i], NULL);
}

static atomic_int seen[LENGTH / PIECE];

static void *share(void *unused) {
  int piece[PIECE / sizeof(int)];
  while (read(files[0], piece, PIECE) == PIECE) {
    for (int i = 1; i < PIECE / (int)sizeof(int); i++) CHECK(piece[i] == piece[0]);
    atomic_fetch_add(&seen[piece[0]], 1);
  }
  return unused;
}

// One position for all: each piece is read by one thread, once.
static void at_once(void) {
  pthread_t threads[WORKERS];
  int piece[PIECE / sizeof(int)];
  ftruncate(files[0], 0);
  for (int at = 0; at < LENGTH / PIECE; at++) {
    for (int i = 0; i < PIECE / (int)sizeof(int); i++) piece[i] = at;
    pwrite(files[0], piece, PIECE, at * PIECE);
  }
  lseek(files[0], 0, SEEK_SET);
  for (int i = 0; i < WORKERS; i++) pthread_create(&threads[i], NULL, share, NULL);
  for (int i = 0; i < WORKERS; i++) pthread_join(threads[i], NULL);
  int once = 0;
  for (int at = 0; at < LENGTH / PIECE; at++) once += seen[at] == 1;
  printf("read once: %d of %d, then at %ld\n", once, LENGTH / PIECE, (long)lseek(files[0], 0, SEEK_CUR));
}

// Whoever reads after a change was published reads what was changed.
static atomic_int published;

static void *look(void *unused) {
  unsigned char bytes[64];
  for (int now = 0; now < VERSIONS;) {
    now = atomic_load(&published);
    // The position is shared: another may have come to the end.
    long got = read(files[0], bytes, sizeof bytes);
    for (long i = 0; i < got; i++) CHECK(bytes[i] >= now);
    if (got == 0) lseek(files[0], 0, SEEK_SET);
  }
  return unused;
}

static void *change(void *unused) {
  static unsigned char bytes[8192];
  for (int version = 1; version <= VERSIONS; version++) {
    memset(bytes, version, sizeof bytes);
    pwrite(files[2], bytes, sizeof bytes, 0);
    atomic_store(&published, version);
    usleep(2000);
  }
  return unused;
}

static void versions(void) {
  pthread_t threads[3];
  ftruncate(files[0], 8192);
  char zero[8192] = {0};
  pwrite(files[0], zero, sizeof zero, 0);
  pthread_create(&threads[0], NULL, look, NULL);
  pthread_create(&threads[1], NULL, look, NULL);
  pthread_create(&threads[2], NULL, change, NULL);
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  printf("no old bytes\n");
}

int main(void) {
  Random random = {3};
  refused = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 2; i++) {
    strcpy(names[i], "/tmp/armada-read-ahead-XXXXXX");
    int fd = mkstemp(names[i]);
    for (int at = 0; at < LENGTH; at += 4) {
      uint32_t word = random_next(&random);
      CHECK(write(fd, &word, 4) == 4);
      if (at == 4096) {
        // The rest at once.
        static uint32_t words[LENGTH / 4];
        for (int j = 0; j < LENGTH / 4; j++) words[j] = random_next(&random);
        CHECK(write(fd, words, LENGTH - at - 4) == LENGTH - at - 4);
        break;
      }
    }
    close(fd);
  }
  files[0] = open(names[0], O_RDWR);
  files[1] = dup(files[0]);
  files[2] = open(names[0], O_RDWR);
  files[3] = open(names[1], O_RDWR);
  in_order();
  // As at the start, whatever was opened meanwhile.
  close(files[0]), close(files[2]);
  files[0] = open(names[0], O_RDWR);
  files[2] = open(names[0], O_RDWR);
  at_once();
  versions();
  unlink(names[0]), unlink(names[1]);
  return 0;
}
