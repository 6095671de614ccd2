/*
 * test_sign_on_target.c - which targets are valid, and what they become.
 */
#include "tests/unit/unit.h"

#include "lib/addon/sign_on_target.h"

static struct fill_row {
	const char *name;
	const char *target;
	const char *filled; /* id a/b, action "new user", no app */
} fills[] = {
	{ "a path stays", "/my/dashboard", "/my/dashboard" },
	{ "values are percent-encoded", "https://x.example/${id}?do=${action}",
	  "https://x.example/a%2Fb?do=new%20user" },
	{ "an absent value is empty", "/of/${context_app}/x", "/of//x" },
	{ "other references stay", "/${plan}$", "/${plan}$" },
};

static void target_is_filled(void **state)
{
	const struct fill_row *row = *state;
	static const struct sign_on_target_values values = {
		.id = "a/b",
		.action = "new user",
	};

	assert_string_equal(sign_on_target_fill(arena, row->target, &values),
			    row->filled);
}

static struct fault_row {
	const char *name;
	const char *target;
	const char *fault; /* a part of it; NULL: valid */
} faults[] = {
	{ "an https URL", "https://x.example/${id}", NULL },
	{ "the id in the host", "https://${id}.x.example/", NULL },
	{ "a path with references", "/my/${id}?do=${action}#${context_app}",
	  NULL },
	{ "nothing", NULL, "must be" },
	{ "an http URL", "http://x.example/", "https" },
	{ "a user in the URL", "https://me@x.example/", "without user" },
	{ "the path of another host", "//x.example/", "absolute path" },
	{ "a reference that may be empty", "/${action}/x.example/",
	  "absolute path" },
	{ "a reference that does not exist", "/${plan}", "absolute path" },
	{ "an action in the host", "https://${action}.x.example/",
	  "before its path" },
	{ "an app at the end of the host", "https://x.example${context_app}",
	  "before its path" },
	{ "an action in the port", "https://x.example:${action}/",
	  "before its path" },
};

static void fault_is_found(void **state)
{
	const struct fault_row *row = *state;
	const char *fault = sign_on_target_fault(arena, row->target);

	if (!row->fault)
		assert_text(fault, NULL);
	else
		assert_contains(fault, row->fault);
}

int main(void)
{
	UNIT_ROWS(fills, target_is_filled);
	UNIT_ROWS(faults, fault_is_found);
	return unit_run("sign_on_target");
}
