#include "lib/crypto/cipher.h"

#include <string.h>

#include <openssl/evp.h>

/* A struct cipher is OpenSSL's context, in which the key has been set. */
static EVP_CIPHER_CTX *context_of(struct cipher *cipher)
{
	return (EVP_CIPHER_CTX *)cipher;
}

/* Return OpenSSL's implementation, or NULL.  It is looked up once per
 * process. */
static const EVP_CIPHER *find_cipher(void)
{
	static EVP_CIPHER *found;

	if (!found)
		found = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	return found;
}

struct cipher *cipher_open(const unsigned char key[static CIPHER_KEY_SIZE])
{
	const EVP_CIPHER *implementation = find_cipher();
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

	if (implementation && context
	    && EVP_EncryptInit_ex2(context, implementation, key, NULL, NULL))
		return (struct cipher *)context;
	EVP_CIPHER_CTX_free(context);
	return NULL;
}

void cipher_close(struct cipher *cipher)
{
	EVP_CIPHER_CTX_free(context_of(cipher));
}

bool cipher_encrypt(struct cipher *cipher,
		    const unsigned char nonce[static CIPHER_NONCE_SIZE],
		    const char *associated, const void *in, size_t size,
		    unsigned char *out)
{
	EVP_CIPHER_CTX *context = context_of(cipher);
	int written;

	return EVP_EncryptInit_ex2(context, NULL, NULL, nonce, NULL)
		&& EVP_EncryptUpdate(context, NULL, &written,
				     (const unsigned char *)associated,
				     (int)strlen(associated))
		&& EVP_EncryptUpdate(context, out, &written, in, (int)size)
		&& EVP_EncryptFinal_ex(context, out + written, &written)
		&& EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG,
				       CIPHER_TAG_SIZE, out + size);
}

bool cipher_decrypt(struct cipher *cipher,
		    const unsigned char nonce[static CIPHER_NONCE_SIZE],
		    const char *associated, const unsigned char *in,
		    size_t size, void *out)
{
	EVP_CIPHER_CTX *context = context_of(cipher);
	unsigned char tag[CIPHER_TAG_SIZE];
	unsigned char *text = out;
	int written;

	memcpy(tag, in + size, CIPHER_TAG_SIZE);
	return EVP_DecryptInit_ex2(context, NULL, NULL, nonce, NULL)
		&& EVP_DecryptUpdate(context, NULL, &written,
				     (const unsigned char *)associated,
				     (int)strlen(associated))
		&& EVP_DecryptUpdate(context, text, &written, in, (int)size)
		&& EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG,
				       CIPHER_TAG_SIZE, tag)
		&& EVP_DecryptFinal_ex(context, text + written, &written) == 1;
}
