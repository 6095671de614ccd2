#include "lib/secret.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include "lib/arena.h"
#include "lib/finding.h"
#include "lib/log.h"

#define VERSION "1"

enum {
	KEY_SIZE = 32,
	NONCE_SIZE = 12,
	TAG_SIZE = 16,
	MOST_KEYS = 32,
	LONGEST_KEY_ID = 32
};

struct key {
	char id[LONGEST_KEY_ID + 1];
	unsigned char derived[SECRET_PURPOSES][KEY_SIZE];
};

struct secret_keys {
	int count;
	struct key keys[MOST_KEYS];
};

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

bool secret_sha256_hex(const char *const parts[], size_t count,
		       char hex[static SECRET_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	struct digest digest;

	hex[0] = '\0';
	if (!digest_parts(EVP_sha256(), parts, count, &digest))
		return false;
	for (size_t i = 0; i < digest.length; i++) {
		hex[2 * i] = digits[digest.bytes[i] >> 4];
		hex[2 * i + 1] = digits[digest.bytes[i] & 15];
	}
	hex[SECRET_SHA256_HEX] = '\0';
	return true;
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

const char *secret_random(struct arena *arena, size_t size)
{
	unsigned char *bytes = arena_alloc(arena, size);

	random_bytes(bytes, size);
	return to_base64url(arena, bytes, size);
}

/* ---- the keys file ---- */

/* These words are part of every sealed value: they may never change. */
static const char *const purposes[SECRET_PURPOSES] = {
	[SECRET_CONFIG] = "provisor config",
	[SECRET_LOG_INPUT] = "provisor log input",
	[SECRET_LOG_DRAIN] = "provisor log drain",
	[SECRET_GRANT] = "provisor grant",
};

static bool derive(const unsigned char *key, const char *purpose,
		   unsigned char derived[static KEY_SIZE])
{
	char digest[] = "SHA256", hkdf[] = "HKDF";
	unsigned char secret[KEY_SIZE];
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
		&& EVP_KDF_derive(context, derived, KEY_SIZE, parameters) == 1;
	OPENSSL_cleanse(secret, sizeof secret);
	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kind);
	return done;
}

static const struct key *find_key(const struct secret_keys *keys,
				  const char *id, size_t length)
{
	for (int i = 0; i < keys->count; i++)
		if (strlen(keys->keys[i].id) == length
		    && memcmp(keys->keys[i].id, id, length) == 0)
			return &keys->keys[i];
	return NULL;
}

bool secret_is_key_id(const char *text)
{
	size_t length = strspn(text,
			       "0123456789-_abcdefghijklmnopqrstuvwxyz"
			       "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return length > 0 && length <= LONGEST_KEY_ID && text[length] == '\0';
}

/* What is wrong with a line "ID:BASE64"; NULL when it has become a key. */
static const char *add_key(struct secret_keys *keys, struct arena *arena,
			   char *line)
{
	struct key *key = &keys->keys[keys->count];
	char *colon = strchr(line, ':');
	const unsigned char *bytes;
	size_t size;

	if (!colon)
		return "is not ID:BASE64";
	*colon = '\0';
	if (!secret_is_key_id(line))
		return "has an id that is not 1 to 32 letters, digits, - or _";
	if (find_key(keys, line, strlen(line)))
		return "repeats the id of an earlier key";
	bytes = secret_from_base64(arena, colon + 1, &size);
	if (!bytes || size != KEY_SIZE)
		return "has a key that is not the base64 of 32 bytes";
	if (keys->count == MOST_KEYS)
		return "is one key too many (32 at most)";
	for (int i = 0; i < SECRET_PURPOSES; i++)
		if (!derive(bytes, purposes[i], key->derived[i]))
			return "could not be used: OpenSSL refused to derive";
	strcpy(key->id, line);
	keys->count++;
	return NULL;
}

static void read_keys(struct secret_keys *keys, FILE *file, const char *path,
		      struct findings *findings)
{
	struct arena *arena = arena_create();
	char *line = NULL;
	size_t size = 0;

	setvbuf(file, NULL, _IONBF, 0); /* a buffer would not be wiped */
	for (int number = 1; getline(&line, &size, file) >= 0; number++) {
		const char *wrong;
		size_t length = strlen(line);

		while (length > 0 && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		if (length == 0 || line[0] == '#')
			continue;
		wrong = add_key(keys, arena, line);
		if (wrong)
			finding_error(findings,
				      "%s: line %d %s: correct the line, or "
				      "put # before it",
				      path, number, wrong);
	}
	if (line)
		OPENSSL_cleanse(line, size);
	free(line);
	arena_destroy(arena);
}

/* Whoever can read the file can read every customer's credentials. */
static bool is_private(FILE *file, const char *path, struct findings *findings)
{
	struct stat status;

	if (fstat(fileno(file), &status) != 0) {
		finding_error(findings, "%s: %s", path, strerror(errno));
		return false;
	}
	if (status.st_mode & (S_IRWXG | S_IRWXO)) {
		finding_error(findings,
			      "%s: others than its owner can use it (mode "
			      "%04o): chmod 600 it",
			      path, (unsigned int)status.st_mode & 07777);
		return false;
	}
	return true;
}

struct secret_keys *secret_keys_open(const char *path,
				     struct findings *findings)
{
	FILE *file = fopen(path, "re");
	struct secret_keys *keys;

	if (!file) {
		finding_error(findings,
			      "%s: cannot be read (%s): it holds the keys "
			      "that seal secrets: bring it back and give it to "
			      "the pools' user, or on a new host make one with "
			      "provisor keys add",
			      path, strerror(errno));
		return NULL;
	}
	keys = calloc(1, sizeof *keys);
	if (keys && is_private(file, path, findings)) {
		read_keys(keys, file, path, findings);
		if (keys->count == 0)
			finding_error(findings,
				      "%s: holds no key: bring back those "
				      "there were, or on a new host make one "
				      "with provisor keys add",
				      path);
	}
	fclose(file);
	if (keys && keys->count > 0)
		return keys;
	secret_keys_close(keys);
	return NULL;
}

void secret_keys_close(struct secret_keys *keys)
{
	if (keys)
		OPENSSL_cleanse(keys, sizeof *keys);
	free(keys);
}

const char *secret_keys_id(const struct secret_keys *keys, int number)
{
	return number < keys->count ? keys->keys[number].id : NULL;
}

const char *secret_make_key(struct arena *arena)
{
	unsigned char *bytes = arena_alloc(arena, KEY_SIZE);

	random_bytes(bytes, KEY_SIZE);
	return to_base64(arena, bytes, KEY_SIZE);
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
	const struct key *key = &keys->keys[0];
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
static const struct key *take_key(const struct secret_keys *keys,
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

static const char *open_with(const struct key *key, struct arena *arena,
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

const char *secret_open(const struct secret_keys *keys, struct arena *arena,
			struct secret_place place, const char *sealed)
{
	const struct key *key = take_key(keys, &sealed);
	const char *text = key ? open_with(key, arena, place, sealed) : NULL;

	if (!text)
		log_error("%s.%s of %s does not open: %s", place.table,
			  place.column, place.row,
			  key ? "it was altered or belongs elsewhere"
			      : "its key is not in the keys file");
	return text;
}
