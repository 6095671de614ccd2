#include "unit.h"

#include "lib/db/sqlstate.h"

/* PostgreSQL's documentation, appendix A. */
static struct code_row {
	const char *name;
	const char *code;
	const char *outcome;
	bool drops, quotes;
	const char *remedy; /* in it; NULL: there is none */
} codes[] = {
	{ "a failed connection is dropped", "08006", "unavailable", true, false,
	  NULL },
	{ "a refused connection is dropped", "08001", "unavailable", true,
	  false, NULL },
	{ "a shutdown drops the connection", "57P01", "unavailable", true,
	  false, NULL },
	{ "a crash drops the connection", "57P02", "unavailable", true, false,
	  NULL },
	{ "a database that starts drops the connection", "57P03", "unavailable",
	  true, false, NULL },
	{ "a standby drops the connection", "25006", "unavailable", true, false,
	  NULL },
	{ "a cancelled statement keeps the connection", "57014", "unavailable",
	  false, false, NULL },
	{ "a lock that is not free keeps the connection", "55P03",
	  "unavailable", false, false, NULL },
	{ "a deadlock keeps the connection", "40P01", "unavailable", false,
	  false, NULL },
	{ "a serialization failure keeps the connection", "40001",
	  "unavailable", false, false, NULL },
	{ "too many connections are unavailable", "53300", "unavailable", false,
	  false, NULL },
	{ "a full disk is unavailable", "53100", "unavailable", false, false,
	  "free space" },
	{ "a disk with errors is unavailable", "58030", "unavailable", false,
	  false, NULL },
	{ "a missing table wants migrating", "42P01", "unavailable", false,
	  false, "provisor migrate" },
	{ "a missing column wants migrating", "42703", "unavailable", false,
	  false, "provisor migrate" },
	{ "a missing right wants another role", "42501", "unavailable", false,
	  false, "role" },
	{ "a text that is not a value is invalid and may be quoted", "22P02",
	  "invalid", false, true, NULL },
	{ "a text that is too long is invalid and may be quoted", "22001",
	  "invalid", false, true, NULL },
	{ "a broken constraint is our fault and may be quoted", "23505",
	  "broken", false, true, NULL },
	{ "a broken check is our fault and names no value", "23514", "broken",
	  false, false, NULL },
	{ "a syntax error is our fault", "42601", "broken", false, false,
	  NULL },
	{ "an aborted transaction is our fault", "25P02", "broken", false,
	  false, NULL },
	{ "another operator intervention is our fault", "57000", "broken",
	  false, false, NULL },
	{ "an internal error is our fault", "XX000", "broken", false, false,
	  NULL },
	{ "an unknown code is our fault", "ZZZZZ", "broken", false, false,
	  NULL },
	{ "an empty code is an error of ours", "", "broken", false, false,
	  NULL },
};

static void code_is_as_expected(void **state)
{
	const struct code_row *row = *state;
	const struct sqlstate *found = sqlstate_find(row->code);

	assert_non_null(found);
	assert_string_equal(outcome_name(found->outcome), row->outcome);
	assert_bool(found->drops, row->drops);
	assert_bool(found->quotes, row->quotes);
	assert_bool(found->remedy, row->remedy);
	if (row->remedy)
		assert_contains(found->remedy, row->remedy);
}

static struct trouble_row {
	const char *name;
	const char *code;
	enum metrics_write trouble;
} troubles[] = {
	{ "a full disk fails all writes", "53100", METRICS_NO_SPACE },
	{ "a disk with errors fails all writes", "58030", METRICS_IO_ERROR },
	{ "a standby fails all writes", "25006", METRICS_READ_ONLY },
	{ "too many connections fail one statement", "53300",
	  METRICS_WRITES_WORK },
	{ "no code fails one statement", "", METRICS_WRITES_WORK },
};

static void trouble_is_as_expected(void **state)
{
	const struct trouble_row *row = *state;

	assert_int_equal(sqlstate_write_trouble(row->code), row->trouble);
}

int main(void)
{
	UNIT_ROWS(troubles, trouble_is_as_expected);
	UNIT_ROWS(codes, code_is_as_expected);
	return unit_run("sqlstate");
}
