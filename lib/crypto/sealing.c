#include "lib/crypto/sealing.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/crypto/base64.h"
#include "lib/crypto/cipher.h"
#include "lib/crypto/random.h"
#include "lib/crypto/sealing_keys.h"

#define VERSION "1"

/* These words are part of every sealed text: they must never change. */
const char *const sealing_purpose_names[SEALING_PURPOSES] = {
	[SEALING_CONFIG] = "provisor config",
	[SEALING_LOG_INPUT] = "provisor log input",
	[SEALING_LOG_DRAIN] = "provisor log drain",
	[SEALING_GRANT] = "provisor grant",
	[SEALING_OPTIONS] = "provisor options",
	[SEALING_SESSION] = "provisor session",
	[SEALING_FORM] = "provisor form",
	[SEALING_FINGERPRINT] = "provisor fingerprint",
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

/* Only the last part may contain a newline, so the data of two places always
 * differ. */
static const char *associated_data(struct arena *arena,
				   struct sealing_place place)
{
	return arena_join(arena, sealing_purpose_names[place.purpose], "\n",
			  place.table, "\n", place.row, "\n", place.column,
			  place.owner ? "\n" : NULL, place.owner);
}

const char *sealing_seal(const struct sealing_keys *keys, struct arena *arena,
			 struct sealing_place place, const char *text)
{
	const struct sealing_key *key = &keys->list[0];
	size_t length = text ? strlen(text) : 0;
	size_t size = CIPHER_NONCE_SIZE + length + CIPHER_TAG_SIZE;
	unsigned char *bytes;

	if (!text)
		return NULL;
	bytes = arena_alloc(arena, size);
	random_bytes(bytes, CIPHER_NONCE_SIZE);
	if (!cipher_encrypt(key->ciphers[place.purpose], bytes,
			    associated_data(arena, place), text, length,
			    bytes + CIPHER_NONCE_SIZE)) {
		log_error("OpenSSL cannot encrypt with AES-256-GCM");
		abort();
	}
	return arena_join(arena, VERSION ".", key->id, ".",
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
	char *text;
	const unsigned char *bytes = base64_url_decode(arena, sealed, &size);

	if (!bytes || size < CIPHER_NONCE_SIZE + CIPHER_TAG_SIZE)
		return NULL;
	length = size - CIPHER_NONCE_SIZE - CIPHER_TAG_SIZE;
	text = arena_alloc(arena, length + 1);
	return cipher_decrypt(key->ciphers[place.purpose], bytes,
			      associated_data(arena, place),
			      bytes + CIPHER_NONCE_SIZE, length, text)
		? text
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
