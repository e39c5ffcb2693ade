/*
 * Every digest that Debian's libcrypto offers over random texts fed in random pieces, and with it HMAC; then the other
 * message authentication codes, and key derivation.
 */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include "guest.h"

#define DIGESTS_MAX 100
#define TEXT_MAX 20000
#define OUT_MAX 512

static EVP_MD *digests[DIGESTS_MAX];
static int count;
static Random random_source = {19871104};
static unsigned char text[TEXT_MAX], key[200];

static void collect(EVP_MD *digest, void *unused) {
  (void)unused;
  CHECK(count < DIGESTS_MAX && EVP_MD_up_ref(digest));
  digests[count++] = digest;
}

static int by_name(const void *a, const void *b) {
  return strcmp(EVP_MD_get0_name(*(EVP_MD *const *)a), EVP_MD_get0_name(*(EVP_MD *const *)b));
}

static void fill(unsigned char *bytes, int size) {
  for (int i = 0; i < size; i++) bytes[i] = random_next(&random_source) >> 24;
}

static void print(const char *kind, const char *name, const unsigned char *bytes, size_t size) {
  printf("%-8s %-16s ", kind, name);
  for (size_t i = 0; i < size; i++) printf("%02x", bytes[i]);
  printf("\n");
}

static int piece_of(int size, int at) {
  int piece = 1 + (int)random_below(&random_source, random_below(&random_source, 4) ? 100 : 4000);
  return piece > size - at ? size - at : piece;
}

/* Sizes around block boundaries (64, 72, 104, 128, 136, 144, 168 bytes), and a large one. */
static const int sizes[] = {0,   1,   55,  56,  63,  64,  65,  71,  72,  103, 104,  111,     112,
                            127, 128, 129, 135, 136, 143, 144, 167, 168, 169, 1000, TEXT_MAX};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void try_digest(EVP_MD *digest) {
  EVP_MD_CTX *all = EVP_MD_CTX_new();
  CHECK(EVP_DigestInit_ex(all, EVP_sha512(), NULL));
  unsigned char out[OUT_MAX];
  const size_t xof = EVP_MD_get_flags(digest) & EVP_MD_FLAG_XOF ? sizeof out : 0;
  unsigned size = 0;
  for (int i = 0; i < SIZES; i++) {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    CHECK(EVP_DigestInit_ex2(context, digest, NULL));
    fill(text, sizes[i]);
    for (int at = 0; at < sizes[i];) {
      const int piece = piece_of(sizes[i], at);
      CHECK(EVP_DigestUpdate(context, text + at, piece));
      at += piece;
    }
    if (xof) CHECK(EVP_DigestFinalXOF(context, out, size = xof));
    else CHECK(EVP_DigestFinal_ex(context, out, &size));
    CHECK(EVP_DigestUpdate(all, out, size));
    EVP_MD_CTX_free(context);
  }
  CHECK(EVP_DigestFinal_ex(all, out, &size));
  EVP_MD_CTX_free(all);
  print("digest", EVP_MD_get0_name(digest), out, 16);
}

static void try_mac(const char *name, const char *parameter, const char *value, int key_size) {
  EVP_MAC *mac = EVP_MAC_fetch(NULL, name, NULL);
  CHECK(mac);
  OSSL_PARAM parameters[3];
  OSSL_PARAM *end = parameters;
  unsigned char iv[12];
  if (parameter) *end++ = OSSL_PARAM_construct_utf8_string(parameter, (char *)value, 0);
  for (int i = 0; i < SIZES; i++) {
    EVP_MAC_CTX *context = EVP_MAC_CTX_new(mac);
    fill(key, key_size);
    fill(iv, sizeof iv);
    fill(text, sizes[i]);
    end = parameters + (parameter ? 1 : 0);
    if (strcmp(name, "GMAC") == 0) *end++ = OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_IV, iv, sizeof iv);
    *end = OSSL_PARAM_construct_end();
    /* HMAC refuses the extendable outputs, which is printed too. */
    if (!EVP_MAC_init(context, key, key_size, parameters)) {
      printf("%-8s %-16s refused\n", name, value);
      EVP_MAC_CTX_free(context);
      break;
    }
    for (int at = 0; at < sizes[i];) {
      const int piece = piece_of(sizes[i], at);
      CHECK(EVP_MAC_update(context, text + at, piece));
      at += piece;
    }
    unsigned char out[OUT_MAX];
    size_t size;
    CHECK(EVP_MAC_final(context, out, &size, sizeof out));
    if (i >= SIZES - 3) print(name, value ? value : "", out, size);
    EVP_MAC_CTX_free(context);
  }
  EVP_MAC_free(mac);
}

static void try_derivation(const char *digest) {
  unsigned char out[OUT_MAX], salt[24];
  fill(key, sizeof key);
  fill(salt, sizeof salt);
  const EVP_MD *md = EVP_get_digestbyname(digest);
  CHECK(PKCS5_PBKDF2_HMAC((char *)key, 40, salt, sizeof salt, 100, md, 48, out));
  print("PBKDF2", digest, out, 48);
  EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, 33),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt, sizeof salt),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, "armada", 6),
      OSSL_PARAM_construct_end(),
  };
  CHECK(EVP_KDF_derive(context, out, 77, parameters) == 1);
  print("HKDF", digest, out, 77);
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
}

int main(void) {
  static const char *const macCiphers[] = {"AES-128-CBC", "AES-256-CBC", "CAMELLIA-128-CBC", "DES-EDE3-CBC"};
  static const char *const gmacCiphers[] = {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM"};
  CHECK(OSSL_PROVIDER_load(NULL, "default") && OSSL_PROVIDER_load(NULL, "legacy"));
  EVP_MD_do_all_provided(NULL, collect, NULL);
  qsort(digests, count, sizeof *digests, by_name);
  for (int i = 0; i < count; i++) try_digest(digests[i]);
  for (int i = 0; i < count; i++) try_mac("HMAC", OSSL_MAC_PARAM_DIGEST, EVP_MD_get0_name(digests[i]), 100);
  const int macKeys[] = {16, 32, 16, 24};
  for (int i = 0; i < 4; i++) try_mac("CMAC", OSSL_MAC_PARAM_CIPHER, macCiphers[i], macKeys[i]);
  for (int i = 0; i < 3; i++) try_mac("GMAC", OSSL_MAC_PARAM_CIPHER, gmacCiphers[i], 16 + 8 * i);
  try_mac("POLY1305", NULL, NULL, 32);
  try_mac("SIPHASH", NULL, NULL, 16);
  try_mac("KMAC-128", NULL, NULL, 32);
  try_mac("KMAC-256", NULL, NULL, 32);
  try_mac("BLAKE2BMAC", NULL, NULL, 40);
  try_mac("BLAKE2SMAC", NULL, NULL, 30);
  static const char *const hashes[] = {"MD5", "SHA1", "SHA256", "SHA512", "SHA3-256", "SM3"};
  for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) try_derivation(hashes[i]);
  unsigned char out[64];
  CHECK(EVP_PBE_scrypt("password", 8, key, 16, 1 << 10, 8, 2, 0, out, sizeof out));
  print("scrypt", "", out, sizeof out);
  return 0;
}
