#include "unit.h"

#include "lib/crypto/random.h"

static void random_texts_are_base64url(void)
{
	static const size_t lengths[] = { 0, 2, 3, 4, 6, 7, 8, 10, 11, 12 };

	for (size_t size = 1; size < COUNT(lengths); size++)
		for (int i = 0; i < 100; i++) {
			const char *text = random_text(arena, size);

			assert_int_equal(strlen(text), lengths[size]);
			assert_int_equal(strspn(text,
						"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						"abcdefghijklmnopqrstuvwxyz"
						"0123456789-_"),
					 strlen(text));
		}
}

static void random_texts_differ(void)
{
	enum { MANY = 200 };
	const char *texts[MANY];

	for (int i = 0; i < MANY; i++) {
		texts[i] = random_text(arena, 24);
		for (int k = 0; k < i; k++)
			assert_string_not_equal(texts[i], texts[k]);
	}
}

static struct unit_check checks[] = {
	{ "random texts are base64url without padding",
	  random_texts_are_base64url },
	{ "random texts differ", random_texts_differ },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("random");
}
