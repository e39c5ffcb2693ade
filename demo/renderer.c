/*
 * A small parallel ray tracer: a fleet of polished spheres at sunset. An ordinary pthreads program for ARM Linux.
 *
 *   renderer [--width W] [--height H] [--threads N] FILE     writes a binary PPM, FILE - is standard output
 *
 * Threads take tiles from a queue under a mutex. The main thread waits on a condition variable and prints lines
 * "progress DONE/TOTAL" on standard error. The picture depends on its size alone, not on the number of threads or
 * their order.
 */
#define _GNU_SOURCE
#include <getopt.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TILE = 32, THREADS_MOST = 256, BOUNCES = 4 };

/* ---- vectors and colours -------------------------------------------------------------------------------------- */

typedef struct {
  double x, y, z;
} Vector;
typedef struct {
  float r, g, b;
} Colour;

static Vector vector(double x, double y, double z) { return (Vector){x, y, z}; }
static Vector add(Vector a, Vector b) { return vector(a.x + b.x, a.y + b.y, a.z + b.z); }
static Vector subtract(Vector a, Vector b) { return vector(a.x - b.x, a.y - b.y, a.z - b.z); }
static Vector scale(Vector a, double by) { return vector(a.x * by, a.y * by, a.z * by); }
static double dot(Vector a, Vector b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static Vector cross(Vector a, Vector b) { return vector(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x); }
static Vector normalise(Vector a) { return scale(a, 1 / sqrt(dot(a, a))); }
static Vector reflect(Vector ray, Vector normal) { return subtract(ray, scale(normal, 2 * dot(ray, normal))); }

static Colour tint(Colour a, Colour b) { return (Colour){a.r * b.r, a.g * b.g, a.b * b.b}; }
static Colour brighten(Colour a, float by) { return (Colour){a.r * by, a.g * by, a.b * by}; }
static Colour mix(Colour a, Colour b, float t) { return (Colour){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t}; }
static Colour blend(Colour a, Colour b) { return (Colour){a.r + b.r, a.g + b.g, a.b + b.b}; }
static double clamp(double x) { return x < 0 ? 0 : x > 1 ? 1 : x; }
static double smooth(double from, double to, double x) {
  const double t = clamp((x - from) / (to - from));
  return t * t * (3 - 2 * t);
}

/* ---- the scene ------------------------------------------------------------------------------------------------ */

typedef struct {
  Vector centre;
  double radius;
  Colour colour;
  float mirror; /* the part of light that is reflected when seen head-on */
} Sphere;

enum { WINGS = 5, PEARLS = 7, SPHERES = 1 + 2 * WINGS + PEARLS };
static Sphere spheres[SPHERES];
static Vector sun;

static const Colour gold = {1.0f, 0.62f, 0.24f}, ivory = {0.90f, 0.80f, 0.66f}, coral = {0.85f, 0.13f, 0.09f}, teal = {0.03f, 0.38f, 0.44f}, indigo = {0.13f, 0.13f, 0.52f};

static void build_scene(void) {
  static const Colour wing_colours[WINGS] = {{0.85f, 0.13f, 0.09f}, {0.03f, 0.38f, 0.44f}, {0.90f, 0.80f, 0.66f}, {0.13f, 0.13f, 0.52f}, {0.85f, 0.13f, 0.09f}};
  static const double pearls[PEARLS][3] = {{-1.55, -2.1, 0.20}, {-0.75, -1.75, 0.13}, {0.62, -2.45, 0.17}, {1.45, -1.9, 0.26}, {2.35, -2.6, 0.14}, {-2.6, -1.5, 0.24}, {0.05, -1.9, 0.09}};
  Sphere *next = spheres;
  *next++ = (Sphere){vector(0, 0.98, 0), 1.05, gold, 0.62f};
  for (int i = 0; i < WINGS; i++)
    for (int side = -1; side <= 1; side += 2) {
      const double radius = 0.72 - 0.06 * i;
      *next++ = (Sphere){vector(side * (1.75 + 1.3 * i), radius * 0.92, 1.15 + 1.5 * i), radius, wing_colours[i], 0.16f};
    }
  for (int i = 0; i < PEARLS; i++) {
    const Colour colours[] = {ivory, coral, teal, gold, indigo, ivory, coral};
    *next++ = (Sphere){vector(pearls[i][0], pearls[i][2] * 0.85, pearls[i][1]), pearls[i][2], colours[i], i == 3 ? 0.5f : 0.12f};
  }
  sun = normalise(vector(0.42, 0.20, 1));
}

/* The sky in a direction: a warm horizon, a deep zenith, bands of thin cloud, the sun and its glow. */
static Colour sky(Vector d) {
  static const Colour horizon = {1.10f, 0.52f, 0.22f}, rose = {0.62f, 0.28f, 0.38f}, zenith = {0.05f, 0.10f, 0.28f}, glow = {1.30f, 0.62f, 0.22f}, disc = {9.0f, 5.4f, 2.3f};
  const double up = d.y > 0 ? d.y : 0;
  const double toward = clamp(dot(d, sun));
  Colour colour = mix(mix(horizon, rose, (float)smooth(0, 0.22, up)), zenith, (float)smooth(0.10, 0.62, up));
  const double u = d.x / (up + 0.18), v = d.z / (up + 0.18);
  const double waves = sin(u * 1.3 + 1.7 * sin(v * 0.55)) + 0.6 * sin(u * 2.9 - v * 3.7 + 0.8) + 0.4 * sin(v * 7.3 + 2.0 * sin(u * 1.9));
  const double cloud = smooth(0.55, 1.7, waves) * smooth(0.03, 0.16, up) * 0.55;
  colour = mix(colour, (Colour){1.15f, 0.60f, 0.44f}, (float)cloud);
  const double t2 = toward * toward, t8 = t2 * t2 * t2 * t2, t64 = t8 * t8 * t8 * t8 * t8 * t8 * t8 * t8;
  colour = blend(colour, brighten(glow, (float)(0.35 * t8 + 0.9 * t64)));
  return mix(colour, disc, (float)smooth(0.9990, 0.99955, toward));
}

/* The nearest sphere that the ray meets, or -1; spheres behind `limit` do not count. */
static int nearest(Vector origin, Vector d, double limit, int except, double *distance) {
  int found = -1;
  for (int i = 0; i < SPHERES; i++) {
    const Vector to = subtract(spheres[i].centre, origin);
    const double along = dot(to, d);
    if (i == except || along < 0) continue;
    const double square = spheres[i].radius * spheres[i].radius - dot(to, to) + along * along;
    if (square <= 0) continue;
    const double t = along - sqrt(square);
    if (t > 1e-6 && t < limit) limit = t, found = i;
  }
  *distance = limit;
  return found;
}

/* How much of the sun a point sees, softened by how narrowly the ray to it passes each sphere. */
static double sunlight(Vector point, int except) {
  double light = 1;
  for (int i = 0; i < SPHERES; i++) {
    if (i == except) continue;
    const Vector to = subtract(spheres[i].centre, point);
    const double along = dot(to, sun);
    if (along < 0) continue;
    const double gap = sqrt(dot(to, to) - along * along) - spheres[i].radius;
    light *= smooth(-0.06, 0.06, gap / (along + 0.05));
  }
  return light;
}

/* How open the surroundings of a point are: each sphere covers its solid angle, weighted by its height over the surface. */
static double openness(Vector point, Vector normal, int except) {
  double open = 1;
  for (int i = 0; i < SPHERES; i++) {
    if (i == except) continue;
    const Vector to = subtract(spheres[i].centre, point);
    const double square = dot(to, to), radius = spheres[i].radius;
    if (square > 30 * radius * radius) continue;
    const double facing = dot(normal, to);
    if (facing <= -radius) continue;
    const double covered = clamp((facing + radius) / (2 * radius)) * clamp(facing > 0 ? facing / sqrt(square) + 0.15 : 0.15);
    open *= 1 - clamp(covered * radius * radius / square);
  }
  return open;
}

/* The normal of the water: a few waves, flatter with distance so that they do not flicker. */
static Vector water_normal(double x, double z, double distance) {
  const double height = 0.055 / (1 + 0.035 * distance * distance);
  const double dx = cos(x * 2.1 + z * 1.3) * 0.6 + cos(x * 5.3 - z * 3.1 + 1.0) * 0.5 + cos(x * 11.7 + z * 7.9) * 0.35;
  const double dz = cos(z * 3.4 + x * 0.7 + 2.0) * 0.8 + cos(z * 8.1 - x * 4.3) * 0.5 + cos(z * 14.3 + x * 9.1 + 0.5) * 0.35;
  return normalise(vector(-dx * height, 1, -dz * height));
}

static double fresnel(double facing, double head_on) {
  const double m = clamp(1 - facing), m2 = m * m;
  return head_on + (1 - head_on) * m2 * m2 * m;
}

/* What is seen along a ray; `seen` tells what it meets first, for finding edges. */
static Colour trace(Vector origin, Vector d, int bounces, int except, int *seen) {
  const double water = d.y < 0 ? -origin.y / d.y : 1e9;
  double distance;
  const int hit = nearest(origin, d, water, except, &distance);
  int ignored;
  if (hit < 0 && d.y >= 0) {
    *seen = -1;
    return sky(d);
  }
  const Vector point = add(origin, scale(d, distance));
  const Colour haze = sky(normalise(vector(d.x, 0.02, d.z)));
  const float fog = (float)(1 - exp(-0.00035 * distance * distance));
  Colour colour;
  if (hit < 0) {
    static const Colour deep = {0.012f, 0.060f, 0.085f}, shallow = {0.04f, 0.16f, 0.18f};
    *seen = -2;
    const Vector normal = water_normal(point.x, point.z, distance);
    const double facing = clamp(-dot(d, normal)), reflected = fresnel(facing, 0.03);
    const double open = openness(point, normal, -1);
    colour = brighten(mix(deep, shallow, (float)(facing * open)), (float)(0.35 + 0.65 * open * sunlight(point, -1)));
    if (bounces > 0 && fog < 0.97f) {
      Vector out = reflect(d, normal);
      if (out.y < 0.001) out.y = 0.001;
      colour = mix(colour, trace(vector(point.x, 1e-6, point.z), normalise(out), bounces - 1, -1, &ignored), (float)reflected);
    }
  } else {
    static const Colour warm = {2.6f, 1.75f, 1.0f}, cool = {0.20f, 0.24f, 0.40f}, bounce = {0.10f, 0.13f, 0.14f};
    *seen = hit;
    const Sphere *sphere = &spheres[hit];
    const Vector normal = scale(subtract(point, sphere->centre), 1 / sphere->radius);
    const double facing = clamp(-dot(d, normal)), reflected = fresnel(facing, sphere->mirror);
    const double open = openness(point, normal, hit), below = clamp(point.y / (0.6 * sphere->radius) + 0.25);
    const double wrapped = clamp(dot(normal, sun) * 0.85 + 0.15);
    Colour light = brighten(warm, (float)(wrapped > 0 ? wrapped * sunlight(point, hit) : 0));
    light = blend(light, brighten(mix(bounce, cool, (float)(0.5 + 0.5 * normal.y)), (float)(open * below * 1.6)));
    light = blend(light, brighten(haze, (float)(0.22 * open * clamp(0.6 + 0.4 * normal.z))));
    colour = tint(sphere->colour, light);
    if (bounces > 0) {
      const Colour mirrored = trace(point, reflect(d, normal), bounces - 1, hit, &ignored);
      const Colour filtered = tint(mirrored, mix(sphere->colour, (Colour){1, 1, 1}, sphere->mirror > 0.4f ? 0.25f : 0.85f));
      colour = mix(colour, filtered, (float)reflected);
    }
  }
  return mix(colour, haze, fog);
}

/* ---- pixels and tiles ----------------------------------------------------------------------------------------- */

static int width = 640, height = 400, threads = 8;
static uint8_t *pixels;

static Colour look(double px, double py, int *seen) {
  static const double zoom = 1.95;
  const Vector eye = vector(-0.55, 1.62, -7.4), target = vector(0.12, 0.95, 0);
  const Vector forward = normalise(subtract(target, eye)), right = normalise(cross(vector(0, 1, 0), forward)), up = cross(forward, right);
  const double x = (2 * px - width) / height, y = (height - 2 * py) / height;
  return trace(eye, normalise(add(scale(forward, zoom), add(scale(right, x), scale(up, y)))), BOUNCES, -1, seen);
}

/* Exposure, gamma and some contrast: bright values roll off softly, dark ones deepen. */
static float expose(float light) {
  const float value = sqrtf(1 - expf(-1.3f * light));
  return value + 0.45f * (value * value * (3 - 2 * value) - value);
}

static int differs(Colour a, Colour b) { return fabsf(a.r - b.r) + fabsf(a.g - b.g) + fabsf(a.b - b.b) > 0.10f; }

static void put(int x, int y, Colour c) {
  const double from_centre = (x * 2.0 / width - 1) * (x * 2.0 / width - 1) + (y * 2.0 / height - 1) * (y * 2.0 / height - 1);
  const float shade = 255.0f * (float)(1 - 0.10 * from_centre);
  uint8_t *at = pixels + 3 * ((size_t)y * (size_t)width + (size_t)x);
  at[0] = (uint8_t)(c.r * shade + 0.5f);
  at[1] = (uint8_t)(c.g * shade + 0.5f);
  at[2] = (uint8_t)(c.b * shade + 0.5f);
}

static Colour exposed(double px, double py, int *seen) {
  const Colour light = look(px, py, seen);
  return (Colour){expose(light.r), expose(light.g), expose(light.b)};
}

/* One ray for each pixel and one column and row around the tile; more rays where neighbours differ. */
static void render_tile(int left, int top) {
  const int right = left + TILE < width ? left + TILE : width, bottom = top + TILE < height ? top + TILE : height;
  static _Thread_local Colour grid[TILE + 2][TILE + 2];
  static _Thread_local int seen[TILE + 2][TILE + 2];
  for (int y = top - 1; y <= bottom; y++)
    for (int x = left - 1; x <= right; x++) grid[y - top + 1][x - left + 1] = exposed(x + 0.5, y + 0.5, &seen[y - top + 1][x - left + 1]);
  for (int y = top; y < bottom; y++)
    for (int x = left; x < right; x++) {
      const int i = y - top + 1, j = x - left + 1;
      Colour c = grid[i][j];
      const int edge = seen[i][j] != seen[i - 1][j] || seen[i][j] != seen[i + 1][j] || seen[i][j] != seen[i][j - 1] || seen[i][j] != seen[i][j + 1] ||
                       differs(c, grid[i - 1][j]) || differs(c, grid[i + 1][j]) || differs(c, grid[i][j - 1]) || differs(c, grid[i][j + 1]);
      if (edge) {
        static const double offsets[5][2] = {{0.1, 0.3}, {0.7, 0.1}, {0.9, 0.7}, {0.3, 0.9}, {0.5, 0.5}};
        Colour sum = {0, 0, 0};
        int unused;
        for (int k = 0; k < 5; k++) sum = blend(sum, k < 4 ? exposed(x + offsets[k][0], y + offsets[k][1], &unused) : c);
        c = brighten(sum, 0.2f);
      }
      put(x, y, c);
    }
}

/* ---- the work queue ------------------------------------------------------------------------------------------- */

typedef struct {
  int left, top;
} Tile;

static Tile *queue;
static int queue_head, queue_size;
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t tile_done = PTHREAD_COND_INITIALIZER;
static atomic_int done;

static int take_tile(Tile *tile) {
  pthread_mutex_lock(&queue_lock);
  const int got = queue_head < queue_size;
  if (got) *tile = queue[queue_head++];
  pthread_mutex_unlock(&queue_lock);
  return got;
}

static void *work(void *argument) {
  Tile tile;
  while (take_tile(&tile)) {
    render_tile(tile.left, tile.top);
    atomic_fetch_add(&done, 1);
    pthread_mutex_lock(&queue_lock);
    pthread_cond_signal(&tile_done);
    pthread_mutex_unlock(&queue_lock);
  }
  return argument;
}

/* Fills the queue with tiles from the middle of the picture outwards. */
static int64_t centre_distance(const Tile *tile) {
  const int64_t x = 2 * tile->left + TILE - width, y = 2 * tile->top + TILE - height;
  return x * x + y * y;
}
static int by_centre(const void *a, const void *b) {
  const int64_t x = centre_distance(a), y = centre_distance(b);
  if (x != y) return x < y ? -1 : 1;
  return memcmp(a, b, sizeof(Tile));
}
static void fill_queue(void) {
  queue = malloc(sizeof *queue * (size_t)((width + TILE - 1) / TILE) * (size_t)((height + TILE - 1) / TILE));
  for (int top = 0; top < height; top += TILE)
    for (int left = 0; left < width; left += TILE) queue[queue_size++] = (Tile){left, top};
  qsort(queue, (size_t)queue_size, sizeof *queue, by_centre);
}

static void report_progress(void) {
  int reported = -1;
  while (reported < queue_size) {
    pthread_mutex_lock(&queue_lock);
    while (atomic_load(&done) == reported) pthread_cond_wait(&tile_done, &queue_lock);
    reported = atomic_load(&done);
    pthread_mutex_unlock(&queue_lock);
    fprintf(stderr, "progress %d/%d\n", reported, queue_size);
  }
}

static int write_picture(const char *path) {
  FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
  if (!file) return -1;
  const size_t size = (size_t)width * (size_t)height * 3;
  fprintf(file, "P6\n%d %d\n255\n", width, height);
  const int whole = fwrite(pixels, 1, size, file) == size;
  return (file == stdout ? fflush(file) : fclose(file)) == 0 && whole ? 0 : -1;
}

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv) {
  static const struct option options[] = {{"width", required_argument, NULL, 'w'}, {"height", required_argument, NULL, 'h'}, {"threads", required_argument, NULL, 't'}, {0}};
  for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
    const int value = optarg ? atoi(optarg) : 0;
    switch (option) {
      case 'w': width = value; break;
      case 'h': height = value; break;
      case 't': threads = value; break;
      default: optind = argc;
    }
  }
  if (optind != argc - 1 || width < 1 || height < 1 || width > 16384 || height > 16384 || threads < 1 || threads > THREADS_MOST) {
    fprintf(stderr, "usage: %s [--width W] [--height H] [--threads N] FILE\n", argv[0]);
    return 2;
  }
  const double start = now();
  build_scene();
  fill_queue();
  pixels = malloc((size_t)width * (size_t)height * 3);
  pthread_t team[THREADS_MOST];
  for (int i = 0; i < threads; i++)
    if (pthread_create(&team[i], NULL, work, NULL) != 0) {
      fprintf(stderr, "%s: thread %d could not be started\n", argv[0], i);
      return 1;
    }
  report_progress();
  for (int i = 0; i < threads; i++) pthread_join(team[i], NULL);
  if (write_picture(argv[optind]) != 0) {
    fprintf(stderr, "%s: %s could not be written\n", argv[0], argv[optind]);
    return 1;
  }
  fprintf(stderr, "rendered %dx%d with %d threads in %.2f s\n", width, height, threads, now() - start);
  return 0;
}
