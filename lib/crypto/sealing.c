#include "lib/crypto/sealing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/crypto/base64.h"
#include "lib/crypto/random.h"

#define VERSION "1"

enum { NONCE_SIZE = 12, TAG_SIZE = 16 };

/* ---- keys ---- */

/* These words are part of every sealed value: they may never change. */
static const char *const purposes[SEALING_PURPOSES] = {
	[SEALING_CONFIG] = "provisor config",
	[SEALING_LOG_INPUT] = "provisor log input",
	[SEALING_LOG_DRAIN] = "provisor log drain",
	[SEALING_GRANT] = "provisor grant",
	[SEALING_SESSION] = "provisor session",
};

static bool derive(const unsigned char *key, const char *purpose,
		   unsigned char derived[static SEALING_KEY_SIZE])
{
	char digest[] = "SHA256", hkdf[] = "HKDF";
	unsigned char secret[SEALING_KEY_SIZE];
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
		&& EVP_KDF_derive(context, derived, SEALING_KEY_SIZE,
				  parameters)
			== 1;
	OPENSSL_cleanse(secret, sizeof secret);
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kind);
	return done;
}

bool sealing_derive(struct sealing_key *key,
		    const unsigned char bytes[static SEALING_KEY_SIZE])
{
	for (int i = 0; i < SEALING_PURPOSES; i++)
		if (!derive(bytes, purposes[i], key->derived[i]))
			return false;
	return true;
}

static const struct sealing_key *find_key(const struct sealing_keys *keys,
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
				   struct sealing_place place)
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

const char *sealing_seal(const struct sealing_keys *keys, struct arena *arena,
			 struct sealing_place place, const char *text)
{
	const struct sealing_key *key = &keys->list[0];
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
			    base64_url_encode(arena, bytes, size));
}

/* The key that sealed it, and the rest of the text. */
static const struct sealing_key *take_key(const struct sealing_keys *keys,
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

static const char *open_with(const struct sealing_key *key, struct arena *arena,
			     struct sealing_place place, const char *sealed)
{
	size_t size, length;
	unsigned char *text;
	const unsigned char *bytes = base64_url_decode(arena, sealed, &size);

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

const char *sealing_try_open(const struct sealing_keys *keys,
			     struct arena *arena, struct sealing_place place,
			     const char *sealed)
{
	const struct sealing_key *key = take_key(keys, &sealed);

	return key ? open_with(key, arena, place, sealed) : NULL;
}

const char *sealing_open(const struct sealing_keys *keys, struct arena *arena,
			 struct sealing_place place, const char *sealed)
{
	const char *text = sealing_try_open(keys, arena, place, sealed);

	if (!text)
		log_error("%s.%s of %s does not open: %s", place.table,
			  place.column, place.row,
			  take_key(keys, &sealed)
				  ? "it was altered or belongs elsewhere"
				  : "its key is not in the keys file");
	return text;
}
