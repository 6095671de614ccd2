#include "files.h"

#include "lib/base/log.h"
#include "lib/crypto/sealing.h"
#include "lib/crypto/sealing_keys.h"
#include "lib/store/reseal.h"

#define KEY_A "a:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
#define KEY_B "b:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n"
#define ROW "01234567-89ab-cdef-0123-456789abcdef"

static void close_keys(void *keys)
{
	sealing_keys_close(keys);
}

static const struct sealing_keys *keys_of(const char *content)
{
	struct sealing_keys *keys =
		sealing_keys_open(files_write("keys", content), &findings);

	assert_non_null(keys);
	arena_defer(arena, close_keys, keys);
	return keys;
}

/* The sealed columns, each in the place that the statements give its number.
 * What they seal must go on opening. */
static struct column_row {
	const char *name;
	struct sealing_place place;
	int number;
} columns[] = {
	{ "config opens", { SEALING_CONFIG, "resources", ROW, "config" }, 0 },
	{ "log_input_url opens",
	  { SEALING_LOG_INPUT, "resources", ROW, "log_input_url" },
	  1 },
	{ "log_drain_url opens",
	  { SEALING_LOG_DRAIN, "resources", ROW, "log_drain_url" },
	  2 },
	{ "a grant's code opens", { SEALING_GRANT, "grants", ROW, "code" }, 3 },
	{ "a grant's access token opens",
	  { SEALING_GRANT, "grants", ROW, "access_token" },
	  4 },
	{ "a grant's refresh token opens",
	  { SEALING_GRANT, "grants", ROW, "refresh_token" },
	  5 },
	{ "a grant's previous refresh token opens",
	  { SEALING_GRANT, "grants", ROW, "previous_refresh_token" },
	  6 },
};

static struct reseal_use use_of(const char *id, int number, const char *sealed)
{
	return (struct reseal_use){
		.key = "a",
		.count = 1,
		.sample = arena_printf(arena, "%s%d%s", id, number, sealed),
	};
}

static void column_opens(void **state)
{
	const struct column_row *row = *state;
	const struct sealing_keys *keys = keys_of(KEY_A);
	const char *sealed = sealing_seal(keys, arena, row->place, "text");

	for (int number = 0; number < (int)COUNT(columns); number++) {
		struct reseal_use use = use_of(ROW, number, sealed);

		assert_bool(reseal_opens(&use, keys), number == row->number);
	}
}

static void a_value_of_another_row_does_not_open(void)
{
	const struct sealing_keys *keys = keys_of(KEY_A);
	const char *sealed =
		sealing_seal(keys, arena, columns[0].place, "text");
	struct reseal_use use =
		use_of("11234567-89ab-cdef-0123-456789abcdef", 0, sealed);

	assert_false(reseal_opens(&use, keys));
}

static void without_its_key_a_value_does_not_open(void)
{
	const char *sealed =
		sealing_seal(keys_of(KEY_A), arena, columns[0].place, "text");
	struct reseal_use use = use_of(ROW, 0, sealed);

	assert_false(reseal_opens(&use, keys_of(KEY_B)));
	assert_true(reseal_opens(&use, keys_of(KEY_B KEY_A)));
}

static void uses_are_told_by_their_key(void)
{
	struct reseal_use last = { .key = "ab", .count = 3 };
	struct reseal_use first = { .next = &last, .key = "a", .count = 7 };

	assert_int_equal(reseal_uses_of(&first, "a"), 7);
	assert_int_equal(reseal_uses_of(&first, "ab"), 3);
	assert_int_equal(reseal_uses_of(&first, "b"), 0);
	assert_int_equal(reseal_uses_of(NULL, "a"), 0);
}

static struct unit_check checks[] = {
	{ "a value of another row does not open",
	  a_value_of_another_row_does_not_open },
	{ "without its key a value does not open",
	  without_its_key_a_value_does_not_open },
	{ "uses are told by their key", uses_are_told_by_their_key },
};

int main(void)
{
	(void)!log_to("/dev/null"); /* what does not open is logged */
	UNIT_ROWS(columns, column_opens);
	UNIT_CHECKS(checks);
	return unit_run("sealed");
}
