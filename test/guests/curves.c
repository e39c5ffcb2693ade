/*
 * Numbers of many sizes and points of every curve in Debian's libcrypto: products, quotients, powers and multiples of
 * random operands, checked against each other (a = q b + r, x^a x^b = x^(a+b), kG + lG = (k+l)G) and printed.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include "guest.h"

static Random random_source = {31415926};
static BN_CTX *context;

static BIGNUM *draw(int bits) {
  unsigned char bytes[1024];
  const int size = (bits + 7) / 8;
  CHECK(size <= (int)sizeof bytes);
  /* Long runs of equal bits now and then, for the carries. */
  const int runs = random_below(&random_source, 3) == 0;
  for (int i = 0; i < size; i++)
    bytes[i] = runs ? (random_next(&random_source) >> 30 ? 0xff : 0) : random_next(&random_source) >> 24;
  BIGNUM *number = BN_bin2bn(bytes, size, NULL);
  CHECK(number);
  return number;
}

static uint32_t sum_of(uint32_t sum, const BIGNUM *number) {
  unsigned char bytes[4096];
  CHECK(BN_num_bytes(number) <= (int)sizeof bytes);
  return checksum(sum, bytes, BN_bn2bin(number, bytes));
}

static void try_numbers(int bits) {
  uint32_t sum = CHECKSUM_START;
  for (int round = 0; round < 6; round++) {
    BIGNUM *a = draw(bits), *b = draw(bits / 2 + 7), *m = draw(bits);
    BIGNUM *q = BN_new(), *r = BN_new(), *t = BN_new(), *u = BN_new(), *v = BN_new();
    BN_set_bit(b, bits / 2);
    BN_set_bit(m, 0);
    BN_set_bit(m, bits - 1);
    CHECK(BN_mul(t, a, b, context) && BN_sqr(u, a, context) && BN_mul(v, a, a, context) && BN_cmp(u, v) == 0);
    sum = sum_of(sum_of(sum, t), u);
    CHECK(BN_div(q, r, u, b, context) && BN_mul(t, q, b, context) && BN_add(t, t, r) && BN_cmp(t, u) == 0);
    sum = sum_of(sum_of(sum, q), r);
    BIGNUM *x = draw(64), *y = draw(70), *z = BN_new();
    CHECK(BN_add(z, x, y) && BN_mod(a, a, m, context));
    CHECK(BN_mod_exp(t, a, x, m, context) && BN_mod_exp(u, a, y, m, context) && BN_mod_exp(v, a, z, m, context));
    CHECK(BN_mod_mul(t, t, u, m, context) && BN_cmp(t, v) == 0);
    BN_set_flags(x, BN_FLG_CONSTTIME);
    CHECK(BN_mod_exp(t, a, x, m, context));
    sum = sum_of(sum_of(sum, v), t);
    CHECK(BN_gcd(t, a, m, context));
    if (BN_is_one(t)) CHECK(BN_mod_inverse(u, a, m, context) && BN_mod_mul(v, u, a, m, context) && BN_is_one(v));
    sum = sum_of(sum_of(sum, t), u);
    BIGNUM *all[] = {a, b, m, q, r, t, u, v, x, y, z};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) BN_free(all[i]);
  }
  printf("%4d bits %08x\n", bits, sum);
}

static void try_curve(int id) {
  EC_GROUP *group = EC_GROUP_new_by_curve_name(id);
  CHECK(group);
  const BIGNUM *order = EC_GROUP_get0_order(group);
  BIGNUM *k = draw(BN_num_bits(order)), *l = draw(BN_num_bits(order)), *n = BN_new();
  EC_POINT *p = EC_POINT_new(group), *q = EC_POINT_new(group), *r = EC_POINT_new(group);
  CHECK(BN_mod(k, k, order, context) && BN_mod(l, l, order, context) && BN_mod_add(n, k, l, order, context));
  CHECK(EC_POINT_mul(group, p, k, NULL, NULL, context) && EC_POINT_mul(group, q, l, NULL, NULL, context));
  CHECK(EC_POINT_mul(group, r, n, NULL, NULL, context) && EC_POINT_is_on_curve(group, r, context));
  CHECK(EC_POINT_add(group, q, p, q, context) && EC_POINT_cmp(group, q, r, context) == 0);
  CHECK(EC_POINT_mul(group, q, NULL, p, l, context) && EC_POINT_mul(group, r, k, q, l, context));
  char *hex = EC_POINT_point2hex(group, r, POINT_CONVERSION_COMPRESSED, context);
  printf("%-24s %.40s\n", OBJ_nid2sn(id), hex);
  OPENSSL_free(hex);
  EC_POINT_free(p);
  EC_POINT_free(q);
  EC_POINT_free(r);
  BN_free(k);
  BN_free(l);
  BN_free(n);
  EC_GROUP_free(group);
}

/* X25519 and X448: both sides come to the same secret; Ed25519 and Ed448: the signature is a function of key and text.
 */
static void try_montgomery(const char *exchange, const char *signature, int size, int signature_key) {
  unsigned char key[2][57], out[2][114], text[300];
  EVP_PKEY *pair[2];
  size_t length;
  for (int side = 0; side < 2; side++) {
    for (int i = 0; i < (int)sizeof key[0]; i++) key[side][i] = random_next(&random_source) >> 24;
    CHECK((pair[side] = EVP_PKEY_new_raw_private_key_ex(NULL, exchange, NULL, key[side], size)));
  }
  for (int side = 0; side < 2; side++) {
    EVP_PKEY_CTX *derivation = EVP_PKEY_CTX_new(pair[side], NULL);
    CHECK(EVP_PKEY_derive_init(derivation) > 0 && EVP_PKEY_derive_set_peer(derivation, pair[1 - side]) > 0);
    length = sizeof out[side];
    CHECK(EVP_PKEY_derive(derivation, out[side], &length) > 0);
  }
  CHECK(memcmp(out[0], out[1], length) == 0);
  printf("%-24s %08x\n", exchange, checksum(CHECKSUM_START, out[0], length));
  for (int i = 0; i < (int)sizeof text; i++) text[i] = random_next(&random_source) >> 24;
  EVP_PKEY *signer = EVP_PKEY_new_raw_private_key_ex(NULL, signature, NULL, key[0], signature_key);
  EVP_MD_CTX *md = EVP_MD_CTX_new();
  length = sizeof out[0];
  CHECK(EVP_DigestSignInit(md, NULL, NULL, NULL, signer) && EVP_DigestSign(md, out[0], &length, text, sizeof text));
  printf("%-24s %08x\n", signature, checksum(CHECKSUM_START, out[0], length));
  EVP_MD_CTX_free(md);
  md = EVP_MD_CTX_new();
  CHECK(EVP_DigestVerifyInit(md, NULL, NULL, NULL, signer) &&
        EVP_DigestVerify(md, out[0], length, text, sizeof text) == 1);
  text[random_below(&random_source, sizeof text)] ^= 4;
  CHECK(EVP_DigestVerify(md, out[0], length, text, sizeof text) != 1);
}

int main(void) {
  CHECK((context = BN_CTX_new()));
  static const int bits[] = {32,  61,  64,  127,  128,  160,  192,  255,  256, 384,
                             512, 521, 768, 1000, 1024, 1536, 2048, 3072, 4096};
  for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) try_numbers(bits[i]);
  EC_builtin_curve curves[200];
  const size_t count = EC_get_builtin_curves(curves, 200);
  CHECK(count > 50 && count < 200);
  for (size_t i = 0; i < count; i++) try_curve(curves[i].nid);
  try_montgomery("X25519", "ED25519", 32, 32);
  try_montgomery("X448", "ED448", 56, 57);
  return 0;
}
