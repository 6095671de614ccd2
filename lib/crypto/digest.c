#include "lib/crypto/digest.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

struct digest {
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int length;
};

/* Return OpenSSL's implementation of a digest, or NULL.  It is looked up once
 * per process: a look-up takes longer than the digest of a short text. */
static const EVP_MD *find_digest(enum digest_kind kind)
{
	static const char *const names[] = {
		[DIGEST_SHA256] = "SHA256",
		[DIGEST_SHA1] = "SHA1",
		[DIGEST_SHA512] = "SHA512",
	};
	static EVP_MD *found[COUNT(names)];

	if (!found[kind])
		found[kind] = EVP_MD_fetch(NULL, names[kind], NULL);
	return found[kind];
}

/* Likewise, one context serves all digests, one after the other. */
static EVP_MD_CTX *digest_context(void)
{
	static EVP_MD_CTX *context;

	if (!context)
		context = EVP_MD_CTX_new();
	return context;
}

static bool digest_parts(enum digest_kind kind, const char *const parts[],
			 size_t count, struct digest *digest)
{
	const EVP_MD *implementation = find_digest(kind);
	EVP_MD_CTX *context = digest_context();
	bool done = implementation && context
		&& EVP_DigestInit_ex2(context, implementation, NULL);

	for (size_t i = 0; done && i < count; i++)
		done = EVP_DigestUpdate(context, parts[i], strlen(parts[i]));
	return done
		&& EVP_DigestFinal_ex(context, digest->bytes, &digest->length);
}

static void write_digits(const struct digest *digest, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < digest->length; i++) {
		hex[2 * i] = digits[digest->bytes[i] >> 4];
		hex[2 * i + 1] = digits[digest->bytes[i] & 15];
	}
	hex[2 * (size_t)digest->length] = '\0';
}

static bool write_digest(enum digest_kind kind, const char *const parts[],
			 size_t count, char *hex)
{
	struct digest digest;

	hex[0] = '\0';
	if (!digest_parts(kind, parts, count, &digest))
		return false;
	write_digits(&digest, hex);
	return true;
}

bool digest_hex(enum digest_kind kind, const char *const parts[], size_t count,
		char hex[static DIGEST_LONGEST_HEX + 1])
{
	return write_digest(kind, parts, count, hex);
}

bool digest_sha256_hex(const char *const parts[], size_t count,
		       char hex[static DIGEST_SHA256_HEX + 1])
{
	return write_digest(DIGEST_SHA256, parts, count, hex);
}

/* Likewise, one context of HMAC serves all. */
static EVP_MAC_CTX *hmac_context(void)
{
	static EVP_MAC_CTX *context;
	EVP_MAC *hmac;

	if (context)
		return context;
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	context = hmac ? EVP_MAC_CTX_new(hmac) : NULL;
	EVP_MAC_free(hmac);
	return context;
}

bool digest_hmac_sha256_hex(const char *key, const char *const parts[],
			    size_t count,
			    char hex[static DIGEST_SHA256_HEX + 1])
{
	char name[] = "SHA256";
	const OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name,
						 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC_CTX *context = hmac_context();
	struct digest digest;
	size_t length = 0;
	bool done = context
		&& EVP_MAC_init(context, (const unsigned char *)key,
				strlen(key), parameters);

	hex[0] = '\0';
	for (size_t i = 0; done && i < count; i++)
		done = EVP_MAC_update(context, (const unsigned char *)parts[i],
				      strlen(parts[i]));
	if (!done
	    || !EVP_MAC_final(context, digest.bytes, &length,
			      sizeof digest.bytes))
		return false;
	digest.length = (unsigned int)length;
	write_digits(&digest, hex);
	return true;
}
