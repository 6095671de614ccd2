#include "unit.h"

#include "lib/base/hash.h"

/* The vectors of the authors of FNV (Fowler, Noll and Vo). */
static struct hash_row {
	const char *name;
	const char *text;
	uint32_t expected;
} hashes[] = {
	{ "an empty text has the offset", "", 0x811c9dc5 },
	{ "one letter", "a", 0xe40c292c },
	{ "several letters", "foobar", 0xbf9cf968 },
	{ "a byte above 127 is not negative", "\xff", 0x7a0b824e },
};

static void hash_is_as_expected(void **state)
{
	const struct hash_row *row = *state;

	assert_int_equal(hash_text(row->text), row->expected);
}

int main(void)
{
	UNIT_ROWS(hashes, hash_is_as_expected);
	return unit_run("hash");
}
