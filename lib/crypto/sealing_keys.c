#include "lib/crypto/sealing_keys.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"
#include "lib/base/plain_file.h"
#include "lib/crypto/base64.h"
#include "lib/crypto/cipher.h"

/* ---- derived keys ---- */

static bool derive_key(const unsigned char *key, const char *purpose,
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

/* Set up a cipher with the derived key of a purpose. */
static bool add_purpose(struct sealing_key *key, enum sealing_purpose purpose,
			const unsigned char derived[static SEALING_KEY_SIZE])
{
	if (purpose == SEALING_FINGERPRINT) {
		memcpy(key->fingerprint, derived, sizeof key->fingerprint);
		return true;
	}
	key->ciphers[purpose] = cipher_open(derived);
	return key->ciphers[purpose] != NULL;
}

static bool add_purposes(struct sealing_key *key,
			 const unsigned char bytes[static SEALING_KEY_SIZE])
{
	unsigned char derived[SEALING_KEY_SIZE];
	bool done = true;

	for (int i = 0; done && i < SEALING_PURPOSES; i++)
		done = derive_key(bytes, sealing_purpose_names[i], derived)
			&& add_purpose(key, (enum sealing_purpose)i, derived);
	OPENSSL_cleanse(derived, sizeof derived);
	return done;
}

static void close_ciphers(struct sealing_key *key)
{
	for (int i = 0; i < SEALING_PURPOSES; i++) {
		cipher_close(key->ciphers[i]);
		key->ciphers[i] = NULL;
	}
}

/* ---- lines ---- */

bool sealing_keys_is_id(const char *text)
{
	size_t length = strspn(text,
			       "0123456789-_abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return length > 0 && length <= SEALING_LONGEST_KEY_ID
		&& text[length] == '\0';
}

int64_t sealing_keys_day(const char *id)
{
	struct tm day = { 0 };
	const char *end = strptime(id, "k%Y%m%d", &day);

	if (!end || end != id + strlen("k20261129") || !strchr("-", *end))
		return 0;
	return timegm(&day);
}

static bool has_key_id(const struct sealing_keys *keys, const char *id)
{
	for (int i = 0; i < keys->count; i++)
		if (strcmp(keys->list[i].id, id) == 0)
			return true;
	return false;
}

/* Add the key of a line "ID:BASE64".  Return NULL, or what is wrong with it. */
static const char *add_key_line(struct sealing_keys *keys, struct arena *arena,
				char *line)
{
	struct sealing_key *key = &keys->list[keys->count];
	char *colon = strchr(line, ':');
	const unsigned char *bytes;
	size_t size;

	if (!colon)
		return "is not ID:BASE64";
	*colon = '\0';
	if (!sealing_keys_is_id(line))
		return "has an id that is not 1 to 32 letters, digits, - or _";
	if (has_key_id(keys, line))
		return "repeats the id of an earlier key";
	bytes = base64_decode(arena, colon + 1, &size);
	if (!bytes || size != SEALING_KEY_SIZE)
		return "has a key that is not the base64 of 32 bytes";
	if (keys->count == SEALING_MOST_KEYS)
		return "is one key too many (at most 32)";
	if (!add_purposes(key, bytes)) {
		close_ciphers(key);
		return "cannot be used: OpenSSL does not derive keys from it";
	}
	strcpy(key->id, line);
	keys->count++;
	return NULL;
}

/* ---- the file ---- */

static void read_key_lines(struct sealing_keys *keys, FILE *file,
			   const char *path, struct findings *findings)
{
	struct arena *arena = arena_create();
	char *line = NULL;
	size_t size = 0;

	setvbuf(file, NULL, _IONBF, 0); /* libc would not wipe a buffer */
	for (int number = 1; getline(&line, &size, file) >= 0; number++) {
		const char *wrong;
		size_t length = strlen(line);

		while (length > 0 && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		if (length == 0 || line[0] == '#')
			continue;
		wrong = add_key_line(keys, arena, line);
		if (wrong)
			finding_error(findings,
				      "%s: line %d %s: correct the line, or "
				      "put # before it",
				      path, number, wrong);
	}
	if (line)
		explicit_bzero(line, size);
	free(line);
	arena_destroy(arena);
}

/* A user who can read the file can read the credentials of all customers. */
static bool is_private_file(FILE *file, const char *path,
			    struct findings *findings)
{
	struct stat status;

	if (fstat(fileno(file), &status) != 0) {
		finding_error(findings, "%s: %s", path, strerror(errno));
		return false;
	}
	if (status.st_mode & (S_IRWXG | S_IRWXO)) {
		finding_error(findings,
			      "%s: users other than its owner can read or "
			      "change it (mode %04o): chmod 600 it",
			      path, (unsigned int)status.st_mode & 07777);
		return false;
	}
	return true;
}

struct sealing_keys *sealing_keys_open(const char *path,
				       struct findings *findings)
{
	FILE *file = plain_file_open(path);
	struct sealing_keys *keys;

	if (!file) {
		finding_error(findings,
			      "%s: cannot be read (%s): it contains the keys "
			      "that seal secrets: restore it and let the "
			      "pools' user read it, or create one with "
			      "provisor keys add on a new host",
			      path, strerror(errno));
		return NULL;
	}
	keys = calloc(1, sizeof *keys);
	if (keys && is_private_file(file, path, findings)) {
		read_key_lines(keys, file, path, findings);
		if (keys->count == 0)
			finding_error(findings,
				      "%s: contains no key: restore its keys, "
				      "or create one with provisor keys add on "
				      "a new host",
				      path);
	}
	fclose(file);
	if (keys && keys->count > 0)
		return keys;
	sealing_keys_close(keys);
	return NULL;
}

void sealing_keys_close(struct sealing_keys *keys)
{
	if (!keys)
		return;
	for (int i = 0; i < keys->count; i++)
		close_ciphers(&keys->list[i]);
	explicit_bzero(keys, sizeof *keys);
	free(keys);
}

const char *sealing_keys_id(const struct sealing_keys *keys, int number)
{
	return number < keys->count ? keys->list[number].id : NULL;
}

const char *sealing_keys_fingerprint(const struct sealing_keys *keys,
				     struct arena *arena, int number)
{
	const unsigned char *bytes = keys->list[number].fingerprint;
	const char *text = "";

	for (int i = 0; i < SEALING_FINGERPRINT_SIZE; i++)
		text = arena_printf(arena, "%s%02x", text, bytes[i]);
	return text;
}
