#include "lib/crypto/base64.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/base/arena.h"

/* Both alphabets differ only in the last two digits. */
#define SIXTY_TWO                                                              \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static const char plain_digits[] = SIXTY_TWO "+/";
static const char url_digits[] = SIXTY_TWO "-_";

/* ---- encoding ---- */

/* Write the digits of up to three bytes, and return their end. */
static char *encode_group(const char *digits, const unsigned char *bytes,
			  size_t size, char *text)
{
	unsigned int bits = (unsigned int)bytes[0] << 16;

	if (size > 1)
		bits |= (unsigned int)bytes[1] << 8;
	if (size > 2)
		bits |= bytes[2];
	*text++ = digits[bits >> 18];
	*text++ = digits[bits >> 12 & 63];
	if (size > 1)
		*text++ = digits[bits >> 6 & 63];
	if (size > 2)
		*text++ = digits[bits & 63];
	return text;
}

/* Write the digits of bytes to text, without padding.  Return their end. */
static char *encode(const char *digits, const unsigned char *bytes, size_t size,
		    char *text)
{
	for (; size >= 3; bytes += 3, size -= 3)
		text = encode_group(digits, bytes, 3, text);
	return size > 0 ? encode_group(digits, bytes, size, text) : text;
}

char *base64_encode(struct arena *arena, const void *bytes, size_t size)
{
	char *text = arena_alloc(arena, (size + 2) / 3 * 4 + 1);
	char *end = encode(plain_digits, bytes, size, text);

	while ((end - text) % 4 != 0)
		*end++ = '=';
	return text;
}

const char *base64_url_encode(struct arena *arena, const void *bytes,
			      size_t size)
{
	char *text = arena_alloc(arena, (size + 2) / 3 * 4 + 1);

	encode(url_digits, bytes, size, text);
	return text;
}

/* ---- decoding ---- */

/* The values of all bytes, in an alphabet; -1 for those that are not digits. */
struct digit_values {
	short of[UCHAR_MAX + 1];
	bool is_ready;
};

static const short *values_of(struct digit_values *values, const char *digits)
{
	if (!values->is_ready) {
		memset(values->of, -1, sizeof values->of); /* each is -1 */
		for (int i = 0; i < 64; i++)
			values->of[(unsigned char)digits[i]] = (short)i;
		values->is_ready = true;
	}
	return values->of;
}

/* Return the 6 bits of each of count consecutive digits, or a negative
 * number. */
static int32_t decode_group(const short *values, const char *text, size_t count)
{
	int32_t bits = 0, faults = 0;

	for (size_t i = 0; i < count; i++) {
		int value = values[(unsigned char)text[i]];

		faults |= value;
		bits = (int32_t)((uint32_t)bits << 6 | (value & 63));
	}
	return faults < 0 ? -1 : bits;
}

/* Decode length digits, or return NULL.  The bits beyond the last byte must be
 * zero: otherwise they could be altered without notice. */
static const unsigned char *decode(struct arena *arena, const short *values,
				   const char *text, size_t length,
				   size_t *size)
{
	static const int32_t beyond[] = { [0] = 0, [2] = 15, [3] = 3 };
	unsigned char *bytes = arena_alloc(arena, length / 4 * 3 + 3);
	unsigned char *end = bytes;
	size_t left = length % 4;
	int32_t bits;

	for (; length >= 4; text += 4, length -= 4) {
		bits = decode_group(values, text, 4);
		if (bits < 0)
			return NULL;
		*end++ = (unsigned char)(bits >> 16);
		*end++ = (unsigned char)(bits >> 8);
		*end++ = (unsigned char)bits;
	}
	bits = decode_group(values, text, left);
	if (left == 1 || bits < 0 || (bits & beyond[left]) != 0)
		return NULL;
	if (left > 1)
		*end++ = (unsigned char)(bits >> (6 * left - 8));
	if (left > 2)
		*end++ = (unsigned char)(bits >> 2);
	*size = (size_t)(end - bytes);
	return bytes;
}

const unsigned char *base64_decode(struct arena *arena, const char *text,
				   size_t *size)
{
	static struct digit_values values;
	size_t digits = strcspn(text, "=");
	size_t padding = strspn(text + digits, "=");

	if (text[digits + padding] != '\0' || (digits + padding) % 4 != 0
	    || padding > 2)
		return NULL;
	return decode(arena, values_of(&values, plain_digits), text, digits,
		      size);
}

const unsigned char *base64_url_decode(struct arena *arena, const char *text,
				       size_t *size)
{
	static struct digit_values values;

	return decode(arena, values_of(&values, url_digits), text, strlen(text),
		      size);
}
