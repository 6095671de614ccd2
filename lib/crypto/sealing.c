#include "lib/crypto/sealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"

#define VERSION "1"

enum { NONCE_SIZE = 12, TAG_SIZE = 16 };

/* ---- digests and randomness ---- */

struct digest {
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int length;
};

static bool digest_parts(const EVP_MD *kind, const char *const parts[],
			 size_t count, struct digest *digest)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context && EVP_DigestInit_ex(context, kind, NULL);

	for (size_t i = 0; done && i < count; i++)
		done = EVP_DigestUpdate(context, parts[i], strlen(parts[i]));
	if (done)
		done = EVP_DigestFinal_ex(context, digest->bytes,
					  &digest->length);
	EVP_MD_CTX_free(context);
	return done;
}

bool secret_equal(const char *a, const char *b)
{
	struct digest da, db;

	/* Digests have one length, so CRYPTO_memcmp() sees all of both. */
	return a && b && digest_parts(EVP_sha256(), &a, 1, &da)
		&& digest_parts(EVP_sha256(), &b, 1, &db)
		&& CRYPTO_memcmp(da.bytes, db.bytes, da.length) == 0;
}

bool secret_digest_hex(enum secret_digest kind, const char *const parts[],
		       size_t count, char hex[static SECRET_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	struct digest digest;

	hex[0] = '\0';
	if (!digest_parts(kind == SECRET_SHA1 ? EVP_sha1() : EVP_sha256(),
			  parts, count, &digest))
		return false;
	for (size_t i = 0; i < digest.length; i++) {
		hex[2 * i] = digits[digest.bytes[i] >> 4];
		hex[2 * i + 1] = digits[digest.bytes[i] & 15];
	}
	hex[2 * (size_t)digest.length] = '\0';
	return true;
}

bool secret_sha256_hex(const char *const parts[], size_t count,
		       char hex[static SECRET_SHA256_HEX + 1])
{
	return secret_digest_hex(SECRET_SHA256, parts, count, hex);
}

static void random_bytes(unsigned char *bytes, size_t size)
{
	if (RAND_bytes(bytes, (int)size) == 1)
		return;
	log_error("OpenSSL has no random bytes");
	abort();
}

/* ---- base64, the plain form and the one for URLs ---- */

static char *to_base64(struct arena *arena, const unsigned char *bytes,
		       size_t size)
{
	char *text = arena_alloc(arena, (size + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
	return text;
}

static const char *to_base64url(struct arena *arena, const unsigned char *bytes,
				size_t size)
{
	char *text = to_base64(arena, bytes, size);

	text[strcspn(text, "=")] = '\0';
	for (char *c = text; *c; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
	}
	return text;
}

static const unsigned char *from_base64url(struct arena *arena,
					   const char *text, size_t *size)
{
	size_t length = strlen(text);
	char *plain = arena_alloc(arena, length + 4);

	if (strpbrk(text, "+/="))
		return NULL;
	memcpy(plain, text, length);
	for (char *c = plain; *c; c++) {
		if (*c == '-')
			*c = '+';
		else if (*c == '_')
			*c = '/';
	}
	while (length % 4 != 0)
		plain[length++] = '=';
	return secret_from_base64(arena, plain, size);
}

/* Is text how these bytes are written?  Bits that stand for nothing may be set
 * in a text, and would let it be altered unnoticed. */
static bool is_text_of(struct arena *arena, const char *text,
		       const unsigned char *bytes, size_t size)
{
	return strcmp(to_base64(arena, bytes, size), text) == 0;
}

/* EVP_DecodeBlock() skips blanks and counts padding as bytes. */
const unsigned char *secret_from_base64(struct arena *arena, const char *text,
					size_t *size)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789+/";
	size_t digits = strspn(text, alphabet);
	size_t padding = strspn(text + digits, "=");
	unsigned char *bytes;

	if (text[digits + padding] != '\0' || (digits + padding) % 4 != 0
	    || padding > 2)
		return NULL;
	bytes = arena_alloc(arena, (digits + padding) / 4 * 3 + 1);
	if (EVP_DecodeBlock(bytes, (const unsigned char *)text,
			    (int)(digits + padding))
	    < 0)
		return NULL;
	*size = (digits + padding) / 4 * 3 - padding;
	bytes[*size] = '\0';
	return is_text_of(arena, text, bytes, *size) ? bytes : NULL;
}

const char *secret_to_base64url(struct arena *arena, const char *text)
{
	return to_base64url(arena, (const unsigned char *)text, strlen(text));
}

const char *secret_random(struct arena *arena, size_t size)
{
	unsigned char *bytes = arena_alloc(arena, size);

	random_bytes(bytes, size);
	return to_base64url(arena, bytes, size);
}

const char *secret_make_key(struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, SECRET_KEY_SIZE);

	random_bytes(bytes, SECRET_KEY_SIZE);
	return to_base64(arena, bytes, SECRET_KEY_SIZE);
}

/* ---- keys ---- */

/* These words are part of every sealed value: they may never change. */
static const char *const purposes[SECRET_PURPOSES] = {
	[SECRET_CONFIG] = "provisor config",
	[SECRET_LOG_INPUT] = "provisor log input",
	[SECRET_LOG_DRAIN] = "provisor log drain",
	[SECRET_GRANT] = "provisor grant",
	[SECRET_SESSION] = "provisor session",
};

static bool derive(const unsigned char *key, const char *purpose,
		   unsigned char derived[static SECRET_KEY_SIZE])
{
	char digest[] = "SHA256", hkdf[] = "HKDF";
	unsigned char secret[SECRET_KEY_SIZE];
	char info[32];
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest,
						 0),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, secret,
						  sizeof secret),
		OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info,
						  strlen(purpose)),
		OSSL_PARAM_construct_end(),
	};
	EVP_KDF *kind = EVP_KDF_fetch(NULL, hkdf, NULL);
	EVP_KDF_CTX *context = kind ? EVP_KDF_CTX_new(kind) : NULL;
	bool done;

	memcpy(secret, key, sizeof secret);
	snprintf(info, sizeof info, "%s", purpose);
	done = context
		&& EVP_KDF_derive(context, derived, SECRET_KEY_SIZE, parameters)
			== 1;
	OPENSSL_cleanse(secret, sizeof secret);
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kind);
	return done;
}

bool secret_derive(struct secret_key *key,
		   const unsigned char bytes[static SECRET_KEY_SIZE])
{
	for (int i = 0; i < SECRET_PURPOSES; i++)
		if (!derive(bytes, purposes[i], key->derived[i]))
			return false;
	return true;
}

static const struct secret_key *find_key(const struct secret_keys *keys,
					 const char *id, size_t length)
{
	for (int i = 0; i < keys->count; i++)
		if (strlen(keys->list[i].id) == length
		    && memcmp(keys->list[i].id, id, length) == 0)
			return &keys->list[i];
	return NULL;
}

/* ---- sealing ---- */

/* No part has a newline in it, so no two places have one text. */
static const char *associated_data(struct arena *arena,
				   struct secret_place place)
{
	return arena_printf(arena, "%s\n%s\n%s\n%s", purposes[place.purpose],
			    place.table, place.row, place.column);
}

/* Encrypt size bytes of in to out, and write the tag behind them. */
static bool encrypt(const unsigned char *key, const unsigned char *nonce,
		    const char *associated, const unsigned char *in, int size,
		    unsigned char *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int written;
	bool done = context
		&& EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), NULL, key,
				      nonce)
		&& EVP_EncryptUpdate(context, NULL, &written,
				     (const unsigned char *)associated,
				     (int)strlen(associated))
		&& EVP_EncryptUpdate(context, out, &written, in, size)
		&& EVP_EncryptFinal_ex(context, out + written, &written)
		&& EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, TAG_SIZE,
				       out + size);

	EVP_CIPHER_CTX_free(context);
	return done;
}

static bool decrypt(const unsigned char *key, const unsigned char *nonce,
		    const char *associated, const unsigned char *in, int size,
		    unsigned char *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	unsigned char tag[TAG_SIZE];
	int written;
	bool done;

	memcpy(tag, in + size, TAG_SIZE);
	done = context
		&& EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), NULL, key,
				      nonce)
		&& EVP_DecryptUpdate(context, NULL, &written,
				     (const unsigned char *)associated,
				     (int)strlen(associated))
		&& EVP_DecryptUpdate(context, out, &written, in, size)
		&& EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, TAG_SIZE,
				       tag)
		&& EVP_DecryptFinal_ex(context, out + written, &written) == 1;
	EVP_CIPHER_CTX_free(context);
	return done;
}

const char *secret_seal(const struct secret_keys *keys, struct arena *arena,
			struct secret_place place, const char *text)
{
	const struct secret_key *key = &keys->list[0];
	size_t length = text ? strlen(text) : 0;
	size_t size = NONCE_SIZE + length + TAG_SIZE;
	unsigned char *bytes;

	if (!text)
		return NULL;
	bytes = arena_alloc(arena, size);
	random_bytes(bytes, NONCE_SIZE);
	if (!encrypt(key->derived[place.purpose], bytes,
		     associated_data(arena, place), (const unsigned char *)text,
		     (int)length, bytes + NONCE_SIZE)) {
		log_error("OpenSSL cannot encrypt with AES-256-GCM");
		abort();
	}
	return arena_printf(arena, VERSION ".%s.%s", key->id,
			    to_base64url(arena, bytes, size));
}

/* The key that sealed it, and the rest of the text. */
static const struct secret_key *take_key(const struct secret_keys *keys,
					 const char **sealed)
{
	const char *id = *sealed + strlen(VERSION ".");
	size_t length;

	if (strncmp(*sealed, VERSION ".", strlen(VERSION ".")) != 0)
		return NULL;
	length = strcspn(id, ".");
	if (id[length] != '.')
		return NULL;
	*sealed = id + length + 1;
	return find_key(keys, id, length);
}

static const char *open_with(const struct secret_key *key, struct arena *arena,
			     struct secret_place place, const char *sealed)
{
	size_t size, length;
	unsigned char *text;
	const unsigned char *bytes = from_base64url(arena, sealed, &size);

	if (!bytes || size < NONCE_SIZE + TAG_SIZE)
		return NULL;
	length = size - NONCE_SIZE - TAG_SIZE;
	text = arena_alloc(arena, length + 1);
	return decrypt(key->derived[place.purpose], bytes,
		       associated_data(arena, place), bytes + NONCE_SIZE,
		       (int)length, text)
		? (const char *)text
		: NULL;
}

const char *secret_try_open(const struct secret_keys *keys, struct arena *arena,
			    struct secret_place place, const char *sealed)
{
	const struct secret_key *key = take_key(keys, &sealed);

	return key ? open_with(key, arena, place, sealed) : NULL;
}

const char *secret_open(const struct secret_keys *keys, struct arena *arena,
			struct secret_place place, const char *sealed)
{
	const char *text = secret_try_open(keys, arena, place, sealed);

	if (!text)
		log_error("%s.%s of %s does not open: %s", place.table,
			  place.column, place.row,
			  take_key(keys, &sealed)
				  ? "it was altered or belongs elsewhere"
				  : "its key is not in the keys file");
	return text;
}
