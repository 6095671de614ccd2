#include "unit.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct size_row {
	const char *name;
	size_t size;
} sizes[] = {
	{ "one byte is zeroed and aligned", 1 },
	{ "an odd number of bytes is zeroed and aligned", 13 },
	{ "a page is zeroed and aligned", 4096 },
	{ "a block that is exactly full is zeroed and aligned", 16384 },
	{ "one byte more than a block is zeroed and aligned", 16385 },
	{ "a megabyte is zeroed and aligned", 1024 * 1024 },
};

static void assert_zeroed(const unsigned char *memory, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (memory[i] != 0)
			fail_msg("byte %zu of %zu is not zero", i, size);
}

/* Allocate before and after a reset, and overwrite the memory in between. */
static void memory_is_fit_for_any_type(void **state)
{
	const struct size_row *row = *state;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++) {
			unsigned char *memory = arena_alloc(arena, row->size);

			assert_int_equal(
				(uintptr_t)memory % _Alignof(max_align_t), 0);
			assert_zeroed(memory, row->size);
			memset(memory, 0xa5, row->size);
		}
		arena_reset(arena);
	}
}

static void pieces_do_not_overlap(void)
{
	enum { PIECES = 500 };
	unsigned char *pieces[PIECES];

	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_alloc(arena, i + 1);
		memset(pieces[i], (int)(i % 251), i + 1);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k <= i; k++)
			assert_int_equal(pieces[i][k], i % 251);
}

static void copies_are_texts(void)
{
	char source[] = "fast-db";
	char *whole = arena_strdup(arena, source);
	char *part = arena_strndup(arena, source, 4);

	memset(source, 'x', sizeof source - 1);
	assert_string_equal(whole, "fast-db");
	assert_string_equal(part, "fast");
	assert_string_equal(arena_strndup(arena, source, 0), "");
}

static void nothing_copied_is_nothing(void)
{
	assert_null(arena_strdup(arena, NULL));
}

static void printing_takes_any_length(void)
{
	char *text = arena_printf(arena, "%0*d", 100000, 7);

	assert_int_equal(strlen(text), 100000);
	assert_int_equal(text[99999], '7');
	assert_string_equal(arena_printf(arena, "%s=%d", "a", 1), "a=1");
}

/* Fill the first block so that size bytes are left. */
static void leave(size_t size)
{
	size_t left;

	arena_reset(arena);
	arena_rest(arena, &left);
	arena_alloc(arena, left - size);
	arena_rest(arena, &left);
	assert_int_equal(left, size);
}

static void printing_uses_the_rest_of_the_block(void)
{
	size_t left;
	char *rest;

	leave(32);
	rest = arena_rest(arena, &left);
	assert_ptr_equal(arena_printf(arena, "%031d", 7), rest);
	leave(32);
	rest = arena_rest(arena, &left);
	assert_ptr_not_equal(arena_printf(arena, "%032d", 7), rest);
	assert_zeroed((unsigned char *)rest, 32);
}

static void the_rest_can_be_wiped(void)
{
	size_t size;
	char *rest = arena_rest(arena, &size);

	memset(rest, 'x', size);
	arena_wipe_rest(arena);
	assert_zeroed((unsigned char *)rest, size);
	assert_ptr_equal(arena_alloc(arena, size), rest);
}

static void joining_makes_one_text(void)
{
	const char *const many[] = { "a", NULL, "", "bc" };

	assert_string_equal(arena_join(arena, "a"), "a");
	assert_string_equal(arena_join(arena, "a", "", "bc"), "abc");
	assert_string_equal(arena_join(arena, NULL, "a", NULL), "a");
	assert_string_equal(arena_join(arena, NULL), "");
	assert_string_equal(arena_join_texts(arena, many, COUNT(many)), "abc");
	assert_string_equal(arena_join_texts(arena, many, 0), "");
	assert_int_equal(
		strlen(arena_join(arena, arena_printf(arena, "%0*d", 50000, 7),
				  arena_printf(arena, "%0*d", 50000, 7))),
		100000);
}

static struct number_row {
	const char *name;
	int64_t number;
	const char *text;
} numbers[] = {
	{ "zero has its digit", 0, "0" },
	{ "a digit is itself", 9, "9" },
	{ "ten has two digits", 10, "10" },
	{ "a negative number has a sign", -1, "-1" },
	{ "all digits are written", 1234567890, "1234567890" },
	{ "the largest number has its digits", INT64_MAX,
	  "9223372036854775807" },
	{ "the smallest number has its digits", INT64_MIN,
	  "-9223372036854775808" },
};

static void number_has_its_digits(void **state)
{
	const struct number_row *row = *state;

	assert_string_equal(arena_number(arena, row->number), row->text);
}

static char released[8];

static void note(void *handle)
{
	strncat(released, handle, 1);
}

static void releases_run_newest_first(void)
{
	static char a[] = "a", b[] = "b", c[] = "c";

	released[0] = '\0';
	arena_defer(arena, note, a);
	arena_defer(arena, note, b);
	arena_defer(arena, note, c);
	arena_reset(arena);
	assert_string_equal(released, "cba");
}

static void releases_run_once(void)
{
	static char a[] = "a";

	released[0] = '\0';
	arena_defer(arena, note, a);
	arena_reset(arena);
	arena_reset(arena);
	assert_string_equal(released, "a");
}

static void destroying_releases_too(void)
{
	static char a[] = "a";
	struct arena *other = arena_create();

	released[0] = '\0';
	arena_defer(other, note, a);
	arena_destroy(other);
	assert_string_equal(released, "a");
}

/* Some releases read other memory of the arena. */
static void note_and_spoil(void *handle)
{
	note(handle);
	memset(handle, '!', 1);
}

static void releases_see_the_memory(void)
{
	released[0] = '\0';
	arena_defer(arena, note_and_spoil, arena_strdup(arena, "x"));
	for (int i = 0; i < 100; i++)
		arena_alloc(arena, 4096);
	arena_reset(arena);
	assert_string_equal(released, "x");
}

static void a_small_arena_takes_little(void)
{
	struct arena *small = arena_create_small();
	size_t left;

	(void)arena_rest(small, &left);
	assert_true(left <= 2048);
	memset(arena_alloc(small, 100000), '!', 100000);
	assert_string_equal(arena_strdup(small, "another block"),
			    "another block");
	(void)arena_rest(small, &left);
	assert_true(left < 2048);
	arena_destroy(small);
}

static void destroying_nothing_does_nothing(void)
{
	arena_destroy(NULL);
}

/* Return true if a process that allocates this much ends. */
static bool is_deadly(size_t size)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

		dup2(nowhere, STDERR_FILENO);
		arena_alloc(arena, size);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

static void running_out_of_memory_ends_the_process(void)
{
	assert_true(is_deadly(SIZE_MAX / 4));
	assert_false(is_deadly(1));
}

static void a_size_that_wraps_round_ends_the_process(void)
{
	for (size_t below = 0; below < 64; below++)
		if (!is_deadly(SIZE_MAX - below))
			fail_msg("SIZE_MAX - %zu bytes were given", below);
}

static struct unit_check checks[] = {
	{ "a small arena takes little memory", a_small_arena_takes_little },
	{ "printing uses the rest of the block",
	  printing_uses_the_rest_of_the_block },
	{ "the rest can be wiped", the_rest_can_be_wiped },
	{ "joining makes one text", joining_makes_one_text },
	{ "pieces do not overlap", pieces_do_not_overlap },
	{ "copies are texts of their own", copies_are_texts },
	{ "a copy of NULL is NULL", nothing_copied_is_nothing },
	{ "printing takes any length", printing_takes_any_length },
	{ "deferred releases run newest first", releases_run_newest_first },
	{ "a deferred release runs once", releases_run_once },
	{ "destroying runs deferred releases too", destroying_releases_too },
	{ "deferred releases run before the memory is wiped",
	  releases_see_the_memory },
	{ "destroying nothing does nothing", destroying_nothing_does_nothing },
	{ "running out of memory ends the process",
	  running_out_of_memory_ends_the_process },
	{ "a size that wraps round ends the process",
	  a_size_that_wraps_round_ends_the_process },
};

int main(void)
{
	UNIT_ROWS(sizes, memory_is_fit_for_any_type);
	UNIT_ROWS(numbers, number_has_its_digits);
	UNIT_CHECKS(checks);
	return unit_run("arena");
}
