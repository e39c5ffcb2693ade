/* A matrix product by rows, in double and in float, every thread writing its own rows. */
#include "threads.h"

enum { SIZE = 48, TEAM = 6 };
static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];
static float fa[SIZE][SIZE], fb[SIZE][SIZE], fc[SIZE][SIZE];

static void *work(void *argument) {
  for (int i = (int)(intptr_t)argument; i < SIZE; i += TEAM)
    for (int j = 0; j < SIZE; j++) {
      double sum = 0;
      float single = 0;
      for (int k = 0; k < SIZE; k++) sum += a[i][k] * b[k][j], single += fa[i][k] * fb[k][j];
      c[i][j] = sum;
      fc[i][j] = single;
    }
  return NULL;
}

int main(void) {
  Random random = {4321};
  for (int i = 0; i < SIZE; i++)
    for (int j = 0; j < SIZE; j++) {
      fa[i][j] = (float)(a[i][j] = random_next(&random) / 4294967296.0 - 0.5);
      fb[i][j] = (float)(b[i][j] = random_next(&random) / 4294967296.0 - 0.5);
    }
  run_team(TEAM, work);
  double trace = 0;
  for (int i = 0; i < SIZE; i++) trace += c[i][i];
  printf("double %08x float %08x trace %a\n", checksum(CHECKSUM_START, c, sizeof c), checksum(CHECKSUM_START, fc, sizeof fc), trace);
  return 0;
}
