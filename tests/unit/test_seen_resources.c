#include "files.h"

#include "lib/metrics/counters.h"
#include "lib/metrics/seen_resources.h"

static const char *key_of(int i)
{
	return arena_printf(arena, "key-%d", i);
}

/* This is the first test: the others have a file. */
static void without_a_file_none_was_seen(void)
{
	seen_resource_add("heroku", "fast-db", "key");
	assert_false(seen_resource_has("heroku", "fast-db", "key"));
	assert_true(metrics_open(files_path("metrics"), METRICS_API));
}

static void a_resource_is_seen_once_it_was_added(void)
{
	assert_false(seen_resource_has("heroku", "fast-db", "key"));
	seen_resource_add("heroku", "fast-db", "key");
	assert_true(seen_resource_has("heroku", "fast-db", "key"));
	assert_false(seen_resource_has("heroku", "fast-db", "other"));
	assert_false(seen_resource_has("heroku", "other", "key"));
	assert_false(seen_resource_has("other", "fast-db", "key"));
}

static void names_are_not_joined(void)
{
	seen_resource_add("a", "bc", "d");
	assert_false(seen_resource_has("ab", "c", "d"));
	assert_false(seen_resource_has("a", "b", "cd"));
}

static void the_last_thousand_are_kept(void)
{
	int kept = 0;

	for (int i = 0; i < 100000; i++)
		seen_resource_add("heroku", "fast-db", key_of(i));
	for (int i = 99000; i < 100000; i++)
		kept += seen_resource_has("heroku", "fast-db", key_of(i));
	assert_int_equal(kept, 1000);
}

/* One that is added again goes last; one that is not, first. */
static void the_last_of_a_set_are_kept(void)
{
	for (int i = 0; i < 200000; i++) {
		seen_resource_add("heroku", "fast-db", "often");
		seen_resource_add("heroku", "fast-db", key_of(i));
	}
	assert_true(seen_resource_has("heroku", "fast-db", "often"));
}

static struct unit_check checks[] = {
	{ "without a file, none was seen", without_a_file_none_was_seen },
	{ "a resource is seen once it was added",
	  a_resource_is_seen_once_it_was_added },
	{ "marketplace, add-on and key are not joined", names_are_not_joined },
	{ "the last thousand are kept", the_last_thousand_are_kept },
	{ "one that is seen often is kept", the_last_of_a_set_are_kept },
};

int main(void)
{
	UNIT_CHECKS(checks);
	return unit_run("seen_resources");
}
