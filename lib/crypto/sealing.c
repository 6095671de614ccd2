#include "lib/crypto/sealing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/crypto/base64.h"
#include "lib/crypto/random.h"
#include "lib/crypto/sealing_keys.h"

#define VERSION "1"

enum { NONCE_SIZE = 12, TAG_SIZE = 16 };

/* These words are part of every sealed text: they must never change. */
const char *const sealing_purpose_names[SEALING_PURPOSES] = {
	[SEALING_CONFIG] = "provisor config",
	[SEALING_LOG_INPUT] = "provisor log input",
	[SEALING_LOG_DRAIN] = "provisor log drain",
	[SEALING_GRANT] = "provisor grant",
	[SEALING_SESSION] = "provisor session",
};

static const struct sealing_key *
find_sealing_key(const struct sealing_keys *keys, const char *id, size_t length)
{
	for (int i = 0; i < keys->count; i++)
		if (strlen(keys->list[i].id) == length
		    && memcmp(keys->list[i].id, id, length) == 0)
			return &keys->list[i];
	return NULL;
}

/* No part contains a newline, so the data of two places always differ. */
static const char *associated_data(struct arena *arena,
				   struct sealing_place place)
{
	return arena_printf(arena, "%s\n%s\n%s\n%s",
			    sealing_purpose_names[place.purpose], place.table,
			    place.row, place.column);
}

/* Encrypt size bytes from in to out and append the tag. */
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

/* Find the key that sealed the text, and move *sealed past its id. */
static const struct sealing_key *take_key_id(const struct sealing_keys *keys,
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
	return find_sealing_key(keys, id, length);
}

static const char *open_with_key(const struct sealing_key *key,
				 struct arena *arena,
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
	const struct sealing_key *key = take_key_id(keys, &sealed);

	return key ? open_with_key(key, arena, place, sealed) : NULL;
}

const char *sealing_open(const struct sealing_keys *keys, struct arena *arena,
			 struct sealing_place place, const char *sealed)
{
	const char *text = sealing_try_open(keys, arena, place, sealed);

	if (!text)
		log_error("%s.%s of %s cannot be opened: %s", place.table,
			  place.column, place.row,
			  take_key_id(keys, &sealed)
				  ? "it was altered or moved"
				  : "its key is not in the keys file");
	return text;
}
