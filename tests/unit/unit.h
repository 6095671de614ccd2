/*
 * unit.h - makes a test program from tables of rows.
 *
 * Each row is a test.  Its first member is the name of the test, a sentence.  A
 * program lists its tables in main():
 *
 *	UNIT_ROWS(durations, duration_is_as_expected);
 *	UNIT_CHECKS(checks);
 *	return unit_run("number");
 *
 * Each test has its own arena and findings.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/arena.h"
#include "lib/base/findings.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* A test that is a function and has no row. */
struct unit_check {
	const char *name;
	void (*check)(void);
};

enum { UNIT_MOST = 1024 };

static struct CMUnitTest unit_tests[UNIT_MOST];
static size_t unit_count;

/* The arena and findings of the running test. */
static struct arena *arena;
static struct findings findings;

static inline int unit_begin(void **state)
{
	(void)state;
	arena = arena_create();
	findings = (struct findings){ .arena = arena };
	return 0;
}

static inline int unit_end(void **state)
{
	(void)state;
	arena_destroy(arena);
	return 0;
}

static inline void unit_add(void *rows, size_t count, size_t size,
			    CMUnitTestFunction test)
{
	for (size_t i = 0; i < count; i++) {
		void *row = (char *)rows + i * size;
		const char *name = *(const char **)row;

		/* These characters have a meaning in TAP. */
		if (unit_count == UNIT_MOST || strpbrk(name, "#\n"))
			abort();
		unit_tests[unit_count++] = (struct CMUnitTest){
			.name = name,
			.test_func = test,
			.setup_func = unit_begin,
			.teardown_func = unit_end,
			.initial_state = row,
		};
	}
}

static inline void unit_run_check(void **state)
{
	const struct unit_check *check = *state;

	check->check();
}

#define UNIT_ROWS(rows, test) unit_add(rows, COUNT(rows), sizeof *(rows), test)
#define UNIT_CHECKS(checks) UNIT_ROWS(checks, unit_run_check)

/* Do the same as cmocka_run_group_tests(), for an array with a count. */
static inline int unit_run(const char *module)
{
	return _cmocka_run_group_tests(module, unit_tests, unit_count, NULL,
				       NULL);
}

/* ---- assertions that cmocka lacks ---- */

/* Not inlined: gcc would warn about each NULL in a table. */
__attribute__((noinline, unused)) static const char *unit_text(const char *text)
{
	return text ? text : "(null)";
}

#define assert_text(actual, expected)                                          \
	assert_string_equal(unit_text(actual), unit_text(expected))

#define assert_bool(actual, expected)                                          \
	assert_string_equal((actual) ? "true" : "false",                       \
			    (expected) ? "true" : "false")

#define assert_contains(text, part)                                            \
	do {                                                                   \
		const char *const unit_whole = unit_text(text);                \
		const char *const unit_part = unit_text(part);                 \
		if (!strstr(unit_whole, unit_part))                            \
			fail_msg("\"%s\" lacks \"%s\"", unit_whole,            \
				 unit_part);                                   \
	} while (0)

#define assert_lacks(text, part)                                               \
	do {                                                                   \
		const char *const unit_whole = (text);                         \
		const char *const unit_part = (part);                          \
		if (strstr(unit_whole, unit_part))                             \
			fail_msg("\"%s\" has \"%s\"", unit_whole, unit_part);  \
	} while (0)

/* Return text, count times. */
static inline const char *unit_repeat(const char *text, size_t count)
{
	size_t length = strlen(text);
	char *all = arena_alloc(arena, length * count + 1);

	for (size_t i = 0; i < count; i++)
		memcpy(all + i * length, text, length);
	return all;
}

/* Return all findings as one text, a line each. */
static inline const char *unit_findings(void)
{
	const char *text = "";

	for (const struct finding *f = findings.first; f; f = f->next)
		text = arena_printf(arena, "%s%s: %s\n", text,
				    f->verdict == FINDING_WARNING ? "warning"
								  : "error",
				    f->text);
	return text;
}

#endif
