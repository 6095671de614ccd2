#include "lib/crypto/base64.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/base/arena.h"

char *base64_encode(struct arena *arena, const void *bytes, size_t size)
{
	char *text = arena_alloc(arena, (size + 2) / 3 * 4 + 1);

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
	return text;
}

const char *base64_url_encode(struct arena *arena, const void *bytes,
			      size_t size)
{
	char *text = base64_encode(arena, bytes, size);

	text[strcspn(text, "=")] = '\0';
	for (char *c = text; *c; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
	}
	return text;
}

/* Return true if text is the canonical base64 of bytes.  Without this check,
 * the unused bits of the last digit could be altered without notice. */
static bool is_base64_of(struct arena *arena, const char *text,
			 const unsigned char *bytes, size_t size)
{
	return strcmp(base64_encode(arena, bytes, size), text) == 0;
}

/* EVP_DecodeBlock() skips blanks and counts padding as bytes. */
const unsigned char *base64_decode(struct arena *arena, const char *text,
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
	return is_base64_of(arena, text, bytes, *size) ? bytes : NULL;
}

const unsigned char *base64_url_decode(struct arena *arena, const char *text,
				       size_t *size)
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
	return base64_decode(arena, plain, size);
}
