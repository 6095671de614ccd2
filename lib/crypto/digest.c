#include "lib/crypto/digest.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

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

bool digest_equal(const char *a, const char *b)
{
	struct digest da, db;

	/* Both digests have the same length, so CRYPTO_memcmp() compares them
	 * completely. */
	return a && b && digest_parts(EVP_sha256(), &a, 1, &da)
		&& digest_parts(EVP_sha256(), &b, 1, &db)
		&& CRYPTO_memcmp(da.bytes, db.bytes, da.length) == 0;
}

bool digest_hex(enum digest_kind kind, const char *const parts[], size_t count,
		char hex[static DIGEST_SHA256_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	struct digest digest;

	hex[0] = '\0';
	if (!digest_parts(kind == DIGEST_SHA1 ? EVP_sha1() : EVP_sha256(),
			  parts, count, &digest))
		return false;
	for (size_t i = 0; i < digest.length; i++) {
		hex[2 * i] = digits[digest.bytes[i] >> 4];
		hex[2 * i + 1] = digits[digest.bytes[i] & 15];
	}
	hex[2 * (size_t)digest.length] = '\0';
	return true;
}

bool digest_sha256_hex(const char *const parts[], size_t count,
		       char hex[static DIGEST_SHA256_HEX + 1])
{
	return digest_hex(DIGEST_SHA256, parts, count, hex);
}
