#include "unit.h"

#include "lib/process/call_message.h"

static const char *const words[] = { "name", "", "three", NULL };
static const char *const variables[] = { "A=b", NULL };
static const char *const none[] = { NULL };

static struct call_message sample_call(void)
{
	return (struct call_message){
		.path = "/bin/true",
		.arguments = words,
		.environment = variables,
		.folder = "/",
		.deadline = INT64_C(1) << 40,
		.grace = 2000,
	};
}

static bool read_sample(const char *message, size_t length,
			struct call_message *call)
{
	struct call_header header;

	memcpy(&header, message, sizeof header);
	assert_int_equal(length, sizeof header + header.length);
	return call_message_accepts(&header)
		&& call_message_read(arena, &header, message + sizeof header,
				     call);
}

static void what_is_written_is_read(void)
{
	struct call_message call = sample_call(), got;
	size_t length;
	const char *message = call_message_write(arena, &call, &length);

	assert_true(read_sample(message, length, &got));
	assert_text(got.path, call.path);
	assert_text(got.folder, call.folder);
	for (int i = 0; i < 4; i++)
		assert_text(got.arguments[i], words[i]);
	for (int i = 0; i < 2; i++)
		assert_text(got.environment[i], variables[i]);
	assert_int_equal(got.deadline, call.deadline);
	assert_int_equal(got.grace, call.grace);
	assert_false(call_message_is_question(&got));
}

static void a_question_has_no_path(void)
{
	struct call_message call = { "", none, none, "", 0, 0 }, got;
	size_t length;
	const char *message = call_message_write(arena, &call, &length);

	assert_true(read_sample(message, length, &got));
	assert_true(call_message_is_question(&got));
}

static void too_long_a_call_is_not_written(void)
{
	const char *many[CALL_MOST_TEXTS + 2] = { NULL };
	char *folder = arena_alloc(arena, CALL_LONGEST + 1);
	struct call_message call = sample_call();
	size_t length;

	memset(folder, 'x', CALL_LONGEST);
	call.folder = folder;
	assert_null(call_message_write(arena, &call, &length));
	call = sample_call();
	for (int i = 0; i <= CALL_MOST_TEXTS; i++)
		many[i] = "x";
	call.arguments = many;
	assert_null(call_message_write(arena, &call, &length));
}

/* ---- headers ---- */

static struct header_row {
	const char *name;
	struct call_header header;
	bool is_accepted;
} headers[] = {
	{ "a header at its limits is accepted",
	  { CALL_VERSION, CALL_LONGEST, 0, CALL_LONGEST_GRACE, CALL_MOST_TEXTS,
	    CALL_MOST_TEXTS },
	  true },
	{ "another version is refused",
	  { CALL_VERSION + 1, 10, 0, 0, 1, 1 },
	  false },
	{ "a call without texts is refused",
	  { CALL_VERSION, 0, 0, 0, 1, 1 },
	  false },
	{ "a length above the limit is refused",
	  { CALL_VERSION, CALL_LONGEST + 1, 0, 0, 1, 1 },
	  false },
	{ "a length that is negative elsewhere is refused",
	  { CALL_VERSION, UINT32_MAX, 0, 0, 1, 1 },
	  false },
	{ "a negative grace is refused",
	  { CALL_VERSION, 10, 0, -1, 1, 1 },
	  false },
	{ "a long grace is refused",
	  { CALL_VERSION, 10, 0, CALL_LONGEST_GRACE + 1, 1, 1 },
	  false },
	{ "too many arguments are refused",
	  { CALL_VERSION, 10, 0, 0, CALL_MOST_TEXTS + 1, 1 },
	  false },
	{ "too many variables are refused",
	  { CALL_VERSION, 10, 0, 0, 1, CALL_MOST_TEXTS + 1 },
	  false },
};

static void header_is_as_expected(void **state)
{
	const struct header_row *row = *state;

	assert_bool(call_message_accepts(&row->header), row->is_accepted);
}

/* ---- texts ---- */

#define TEXTS(texts) sizeof(texts), texts

static struct texts_row {
	const char *name;
	size_t length; /* with the last terminator */
	const char *texts;
	uint16_t arguments;
	uint16_t variables;
	bool is_read;
} texts[] = {
	{ "a call without variables is read", TEXTS("/a\0/\0name"), 1, 0,
	  true },
	{ "a relative path is refused", TEXTS("a\0/\0name"), 1, 0, false },
	{ "a relative folder is refused", TEXTS("/a\0b\0name"), 1, 0, false },
	{ "a call without a name is refused", TEXTS("/a\0/"), 0, 0, false },
	{ "a call without a folder is refused", TEXTS("/a"), 0, 0, false },
	{ "fewer texts than announced are refused", TEXTS("/a\0/\0name"), 2, 0,
	  false },
	{ "more texts than announced are refused", TEXTS("/a\0/\0name\0more"),
	  1, 0, false },
	{ "fewer variables than announced are refused",
	  TEXTS("/a\0/\0name\0A=b"), 1, 2, false },
	{ "a text without an end is refused", 10, "/a\0/\0nameX", 1, 0, false },
};

static void texts_are_as_expected(void **state)
{
	const struct texts_row *row = *state;
	const struct call_header header = {
		.version = CALL_VERSION,
		.length = (uint32_t)row->length,
		.arguments = row->arguments,
		.environment = row->variables,
	};
	struct call_message call;

	assert_bool(call_message_read(arena, &header, row->texts, &call),
		    row->is_read);
}

static struct unit_check checks[] = {
	{ "what is written is read", what_is_written_is_read },
	{ "a question has no path", a_question_has_no_path },
	{ "too long a call is not written", too_long_a_call_is_not_written },
};

int main(void)
{
	UNIT_CHECKS(checks);
	UNIT_ROWS(headers, header_is_as_expected);
	UNIT_ROWS(texts, texts_are_as_expected);
	return unit_run("call_message");
}
