#include "keys.h"

#include "lib/base/log.h"
#include "lib/crypto/sealing.h"
#include "lib/store/reseal.h"

#define KEY_A "a:" KEYS_A "\n"
#define KEY_B "b:" KEYS_B "\n"
#define ROW "01234567-89ab-cdef-0123-456789abcdef"
#define OWNER "6:heroku,7:fast-db,3:m-1,3:p-1,"
/* Only config is sealed for the id of our responses. */
#define OWNER_OF_REST "6:heroku,7:fast-db,3:m-1,-,"

#define IDENTITY                                                               \
	"{\"id\":\"" ROW "\",\"marketplace\":\"heroku\","                      \
	"\"addon\":\"fast-db\",\"marketplace_id\":\"m-1\","                    \
	"\"provider_id\":\"p-1\"}"

/* The sealed columns, each in the place that the statements give its number.
 * What they have sealed must stay readable. */
static struct column_row {
	const char *name;
	struct sealing_place place;
	int number;
} columns[] = {
	{ "config opens",
	  { SEALING_CONFIG, "resources", ROW, "config", OWNER },
	  0 },
	{ "log_input_url opens",
	  { SEALING_LOG_INPUT, "resources", ROW, "log_input_url",
	    OWNER_OF_REST },
	  1 },
	{ "log_drain_url opens",
	  { SEALING_LOG_DRAIN, "resources", ROW, "log_drain_url",
	    OWNER_OF_REST },
	  2 },
	{ "a grant's code opens",
	  { SEALING_GRANT, "resources", ROW, "grant_code", OWNER_OF_REST },
	  3 },
	{ "a grant's access token opens",
	  { SEALING_GRANT, "resources", ROW, "access_token", OWNER_OF_REST },
	  4 },
	{ "a grant's refresh token opens",
	  { SEALING_GRANT, "resources", ROW, "refresh_token", OWNER_OF_REST },
	  5 },
	{ "a grant's previous refresh token opens",
	  { SEALING_GRANT, "resources", ROW, "previous_refresh_token",
	    OWNER_OF_REST },
	  6 },
	{ "options open",
	  { SEALING_OPTIONS, "resources", ROW, "options", OWNER_OF_REST },
	  7 },
	{ "logplex_token opens",
	  { SEALING_LOG_INPUT, "resources", ROW, "logplex_token",
	    OWNER_OF_REST },
	  8 },
};

static struct reseal_use use_of(const char *identity, int number,
				const char *sealed)
{
	return (struct reseal_use){
		.key = "a",
		.count = 1,
		.sample = arena_printf(arena, "[%s,%d,\"%s\"]", identity,
				       number, sealed),
	};
}

static void column_opens(void **state)
{
	const struct column_row *row = *state;
	const struct sealing_keys *keys = keys_open(KEY_A);
	const char *sealed = sealing_seal(keys, arena, row->place, "text");

	for (int number = 0; number < (int)COUNT(columns); number++) {
		struct reseal_use use = use_of(IDENTITY, number, sealed);

		assert_bool(reseal_opens(&use, keys), number == row->number);
	}
}

static struct other_row {
	const char *name;
	const char *member; /* of IDENTITY */
	const char *other;
	bool opens;
} others[] = {
	{ "a value of another row does not open", ROW,
	  "11234567-89ab-cdef-0123-456789abcdef", false },
	{ "a value for another marketplace does not open", "heroku", "other",
	  false },
	{ "a value for another add-on does not open", "fast-db", "slow-db",
	  false },
	{ "a value for another id of the marketplace does not open", "m-1",
	  "m-2", false },
	{ "a value for another id of ours does not open", "p-1", "p-2", false },
	{ "a value for an id that may be used again opens",
	  "\"marketplace_id\":\"m-1\"",
	  "\"marketplace_id\":null,\"former_marketplace_id\":\"m-1\"", true },
	{ "a value for an id that was used before does not open",
	  "\"marketplace_id\":\"m-1\"",
	  "\"marketplace_id\":\"m-2\",\"former_marketplace_id\":\"m-1\"",
	  false },
};

static void value_of_another_opens(void **state)
{
	const struct other_row *row = *state;
	const struct sealing_keys *keys = keys_open(KEY_A);
	const char *sealed =
		sealing_seal(keys, arena, columns[0].place, "text");
	static const char identity_json[] = IDENTITY;
	const char *member = strstr(identity_json, row->member);
	const char *identity = arena_printf(
		arena, "%.*s%s%s", (int)(member - identity_json), identity_json,
		row->other, member + strlen(row->member));
	struct reseal_use use = use_of(identity, 0, sealed);

	assert_bool(reseal_opens(&use, keys), row->opens);
}

static void without_its_key_a_value_does_not_open(void)
{
	const char *sealed =
		sealing_seal(keys_open(KEY_A), arena, columns[0].place, "text");
	struct reseal_use use = use_of(IDENTITY, 0, sealed);

	assert_false(reseal_opens(&use, keys_open(KEY_B)));
	assert_true(reseal_opens(&use, keys_open(KEY_B KEY_A)));
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
	{ "without its key a value does not open",
	  without_its_key_a_value_does_not_open },
	{ "the uses of each key are counted", uses_are_told_by_their_key },
};

int main(void)
{
	(void)!log_to("/dev/null"); /* what does not open is logged */
	UNIT_ROWS(columns, column_opens);
	UNIT_ROWS(others, value_of_another_opens);
	UNIT_CHECKS(checks);
	return unit_run("sealed");
}
