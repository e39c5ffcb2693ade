/*
 * Every cipher that Debian's libcrypto offers, in its default and legacy providers: keys, texts and the pieces in which
 * they are fed are random; each ciphertext must decrypt to its text, a changed tag must be refused, and the digest of
 * all ciphertexts of a cipher is printed.
 */
#include <openssl/evp.h>
#include <openssl/provider.h>
#include "guest.h"

#define CIPHERS_MAX 300
#define TEXT_MAX 5000
#define TAG_BYTES 16
#define EXTRA_BYTES 64

static const EVP_CIPHER *ciphers[CIPHERS_MAX];
static int count;
static Random random_source = {20200817};

static void collect(EVP_CIPHER *cipher, void *unused) {
  (void)unused;
  CHECK(count < CIPHERS_MAX && EVP_CIPHER_up_ref(cipher));
  ciphers[count++] = cipher;
}

static int by_name(const void *a, const void *b) {
  return strcmp(EVP_CIPHER_get0_name(*(const EVP_CIPHER **)a), EVP_CIPHER_get0_name(*(const EVP_CIPHER **)b));
}

static void fill(unsigned char *bytes, int size) {
  for (int i = 0; i < size; i++) bytes[i] = random_next(&random_source) >> 24;
}

typedef struct {
  unsigned char key[EVP_MAX_KEY_LENGTH], iv[EVP_MAX_IV_LENGTH], header[40], tag[TAG_BYTES];
  int header_size, aead, whole;
} Message;

/* Feeds `size` bytes, in pieces unless the mode wants them whole; the result's size, or -1 when it is refused. */
static int run(const EVP_CIPHER *cipher, Message *message, int encrypt, const unsigned char *in, int size,
               unsigned char *out) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
  EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  const int mode = EVP_CIPHER_get_mode(cipher);
  int done = 0, part = 0;
  int ok = EVP_CipherInit_ex(context, cipher, NULL, NULL, NULL, encrypt) > 0;
  if (message->aead && (!encrypt || mode == EVP_CIPH_CCM_MODE))
    ok = ok && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, encrypt ? NULL : message->tag) > 0;
  ok = ok && EVP_CipherInit_ex(context, NULL, NULL, message->key, message->iv, encrypt) > 0;
  if (mode == EVP_CIPH_CCM_MODE) ok = ok && EVP_CipherUpdate(context, NULL, &part, NULL, size) > 0;
  if (message->aead) ok = ok && EVP_CipherUpdate(context, NULL, &part, message->header, message->header_size) > 0;
  for (int at = 0; ok && at < size;) {
    int piece = message->whole ? size : 1 + (int)random_below(&random_source, 200);
    if (piece > size - at) piece = size - at;
    part = 0;
    ok = EVP_CipherUpdate(context, out + done, &part, in + at, piece) > 0;
    done += part;
    at += piece;
  }
  part = 0;
  if (!(mode == EVP_CIPH_CCM_MODE && !encrypt)) ok = ok && EVP_CipherFinal_ex(context, out + done, &part) > 0;
  done += part;
  if (message->aead && encrypt)
    ok = ok && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, message->tag) > 0;
  EVP_CIPHER_CTX_free(context);
  return ok ? done : -1;
}

static void try_cipher(const EVP_CIPHER *cipher) {
  static const int sizes[] = {0,  1,  7,   8,   15,  16,  17,  24,   31,   32,   33,
                              48, 64, 127, 128, 129, 256, 511, 1024, 1537, 4096, TEXT_MAX};
  static unsigned char text[TEXT_MAX], sealed[TEXT_MAX + EXTRA_BYTES], opened[TEXT_MAX + EXTRA_BYTES];
  const int mode = EVP_CIPHER_get_mode(cipher);
  EVP_MD_CTX *sum = EVP_MD_CTX_new();
  CHECK(EVP_DigestInit_ex(sum, EVP_sha256(), NULL));
  int refused = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    Message message = {.header_size = (int)random_below(&random_source, sizeof message.header)};
    message.aead = (EVP_CIPHER_get_flags(cipher) & EVP_CIPH_FLAG_AEAD_CIPHER) != 0;
    message.whole = mode == EVP_CIPH_CCM_MODE || mode == EVP_CIPH_XTS_MODE || mode == EVP_CIPH_WRAP_MODE ||
                    mode == EVP_CIPH_SIV_MODE || strstr(EVP_CIPHER_get0_name(cipher), "CTS");
    fill(message.key, sizeof message.key);
    fill(message.iv, sizeof message.iv);
    fill(message.header, sizeof message.header);
    fill(text, sizes[i]);
    const int size = run(cipher, &message, 1, text, sizes[i], sealed);
    if (size < 0) {
      refused++;
      continue;
    }
    CHECK(size <= (int)sizeof sealed);
    CHECK(EVP_DigestUpdate(sum, sealed, size) && EVP_DigestUpdate(sum, message.tag, TAG_BYTES));
    const int back = run(cipher, &message, 0, sealed, size, opened);
    if (back != sizes[i] || memcmp(text, opened, sizes[i]) != 0) printf("  %d bytes come back as %d\n", sizes[i], back);
    if (!message.aead) continue;
    message.tag[random_below(&random_source, TAG_BYTES)] ^= 1 << random_below(&random_source, 8);
    CHECK(run(cipher, &message, 0, sealed, size, opened) < 0);
  }
  unsigned char digest[EVP_MAX_MD_SIZE];
  CHECK(EVP_DigestFinal_ex(sum, digest, NULL));
  EVP_MD_CTX_free(sum);
  printf("%-28s key %2d iv %2d block %2d refused %2d ", EVP_CIPHER_get0_name(cipher), EVP_CIPHER_get_key_length(cipher),
         EVP_CIPHER_get_iv_length(cipher), EVP_CIPHER_get_block_size(cipher), refused);
  /* The triple DES wrap of RFC 3217 draws an initialization vector of its own. */
  const int drawn = mode == EVP_CIPH_WRAP_MODE && EVP_CIPHER_get_iv_length(cipher) == 0;
  for (int i = 0; i < 16 && !drawn; i++) printf("%02x", digest[i]);
  printf("\n");
}

int main(void) {
  CHECK(OSSL_PROVIDER_load(NULL, "default") && OSSL_PROVIDER_load(NULL, "legacy"));
  EVP_CIPHER_do_all_provided(NULL, collect, NULL);
  qsort(ciphers, count, sizeof *ciphers, by_name);
  for (int i = 0; i < count; i++) {
    /* Made for TLS records alone: they expect a header that the record layer makes. */
    if (strstr(EVP_CIPHER_get0_name(ciphers[i]), "HMAC") == NULL) try_cipher(ciphers[i]);
  }
  return 0;
}
