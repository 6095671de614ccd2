#include "unit.h"

#include "lib/crypto/cipher.h"

enum { MOST = 64 /* bytes of a text */ };

/* The key of "The Galois/Counter Mode of Operation (GCM)", McGrew and Viega,
 * test cases 13 and 14, and their nonce. */
static const unsigned char zeros[CIPHER_KEY_SIZE];

static void close_cipher(void *cipher)
{
	cipher_close(cipher);
}

/* Open a cipher until the end of the test. */
static struct cipher *open_cipher(const unsigned char *key)
{
	struct cipher *cipher = cipher_open(key);

	assert_non_null(cipher);
	arena_defer(arena, close_cipher, cipher);
	return cipher;
}

/* ---- known answers ---- */

static struct answer_row {
	const char *name;
	size_t size; /* bytes of the text, which are zero */
	const char *expected;
} answers[] = {
	{ "an empty text has the tag of test case 13", 0,
	  "\x53\x0f\x8a\xfb\xc7\x45\x36\xb9\xa9\x63\xb4\xf1\xc4\xcb\x73\x8b" },
	{ "a block of zeros has the ciphertext and tag of test case 14", 16,
	  "\xce\xa7\x40\x3d\x4d\x60\x6b\x6e\x07\x4e\xc5\xd3\xba\xf3\x9d\x18"
	  "\xd0\xd1\xc8\xa7\x99\x99\x6b\xf0\x26\x5b\x98\xb5\xd4\x8a\xb9"
	  "\x19" },
};

static void the_answer_is_as_published(void **state)
{
	const struct answer_row *row = *state;
	struct cipher *cipher = open_cipher(zeros);
	unsigned char out[MOST];

	/* A second time with the same cipher, the answer is the same. */
	for (int i = 0; i < 2; i++) {
		assert_true(cipher_encrypt(cipher, zeros, "", zeros, row->size,
					   out));
		assert_memory_equal(out, row->expected,
				    row->size + CIPHER_TAG_SIZE);
	}
}

/* ---- many texts with one cipher ---- */

static const char text[] = "a text";

static const unsigned char nonces[][CIPHER_NONCE_SIZE] = { "nonce number",
							   "nonce namber" };

static void encrypt(struct cipher *cipher, int nonce, unsigned char *out)
{
	assert_true(cipher_encrypt(cipher, nonces[nonce], "place", text,
				   sizeof text, out));
}

static bool decrypts(struct cipher *cipher, int nonce, const char *associated,
		     const unsigned char *in)
{
	char out[sizeof text];

	return cipher_decrypt(cipher, nonces[nonce], associated, in,
			      sizeof text, out)
		&& memcmp(out, text, sizeof text) == 0;
}

static void a_cipher_decrypts_what_it_encrypted(void)
{
	struct cipher *cipher = open_cipher(zeros);
	unsigned char first[MOST], second[MOST];

	encrypt(cipher, 0, first);
	encrypt(cipher, 1, second);
	assert_memory_not_equal(first, second, sizeof text);
	assert_true(decrypts(cipher, 0, "place", first));
	assert_true(decrypts(cipher, 1, "place", second));
	encrypt(cipher, 1, first);
	assert_memory_equal(first, second, sizeof text + CIPHER_TAG_SIZE);
}

/* The cipher is usable after each failure. */
static void a_cipher_decrypts_nothing_else(void)
{
	struct cipher *cipher = open_cipher(zeros);
	unsigned char sealed[MOST];

	encrypt(cipher, 0, sealed);
	assert_false(decrypts(cipher, 1, "place", sealed));
	assert_false(decrypts(cipher, 0, "places", sealed));
	for (size_t i = 0; i < sizeof text + CIPHER_TAG_SIZE; i++) {
		sealed[i] ^= 1;
		assert_false(decrypts(cipher, 0, "place", sealed));
		sealed[i] ^= 1;
		assert_true(decrypts(cipher, 0, "place", sealed));
	}
}

static void another_key_does_not_decrypt(void)
{
	static const unsigned char key[CIPHER_KEY_SIZE] = { 1 };
	unsigned char sealed[MOST];

	encrypt(open_cipher(zeros), 0, sealed);
	assert_false(decrypts(open_cipher(key), 0, "place", sealed));
}

static struct unit_check checks[] = {
	{ "a cipher decrypts what it encrypted",
	  a_cipher_decrypts_what_it_encrypted },
	{ "a cipher decrypts nothing else", a_cipher_decrypts_nothing_else },
	{ "another key does not decrypt", another_key_does_not_decrypt },
};

int main(void)
{
	UNIT_ROWS(answers, the_answer_is_as_published);
	UNIT_CHECKS(checks);
	return unit_run("cipher");
}
