#include "unit.h"

#include "lib/platform/logplex.h"

#define UUID "01234567-89ab-cdef-0123-456789abcdef"
#define THEN 1364414544 /* date -d 2013-03-27T20:02:24Z +%s */

static const struct logplex_source heroku = { UUID, "app", "procid" };

enum { MOST_LINES = 3 };

static struct frames_row {
	const char *name;
	struct logplex_source source;
	const char *lines[MOST_LINES];
	const char *expected;
} rows[] = {
	{ "Heroku's example is counted right",
	  { UUID, "app", "procid" },
	  { "foo", "bar" },
	  "88 <190>1 2013-03-27T20:02:24+00:00 " UUID " app procid - - foo"
	  "88 <190>1 2013-03-27T20:02:24+00:00 " UUID " app procid - - bar" },
	{ "Heroku's older example is counted right",
	  { "service", "t." UUID, "procid" },
	  { "hi" },
	  "93 <190>1 2013-03-27T20:02:24+00:00 service t." UUID
	  " procid - - hi" },
	{ "bytes are counted, not characters",
	  { "h", "a", "p" },
	  { "\xe2\x9c\x93" },
	  "46 <190>1 2013-03-27T20:02:24+00:00 h a p - - \xe2\x9c\x93" },
	{ "an empty line is a frame",
	  { "h", "a", "p" },
	  { "" },
	  "43 <190>1 2013-03-27T20:02:24+00:00 h a p - - " },
	{ "control bytes of a line become blanks",
	  { "h", "a", "p" },
	  { "a\r\nb\tc\x7f\x1b[" },
	  "52 <190>1 2013-03-27T20:02:24+00:00 h a p - - a  b c  [" },
	{ "a digit that begins a line is not its length",
	  { "h", "a", "p" },
	  { "9 lives", "1" },
	  "50 <190>1 2013-03-27T20:02:24+00:00 h a p - - 9 lives"
	  "44 <190>1 2013-03-27T20:02:24+00:00 h a p - - 1" },
	{ "a word that is empty is a dash",
	  { "", "a", "" },
	  { "x" },
	  "44 <190>1 2013-03-27T20:02:24+00:00 - a - - - x" },
	{ "a word has no blanks and no other letters",
	  { "a b", "\xc3\xa4", "\n" },
	  { "x" },
	  "47 <190>1 2013-03-27T20:02:24+00:00 a-b -- - - - x" },
	{ "without lines there are no frames",
	  { "h", "a", "p" },
	  { NULL },
	  "" },
};

static void frames_are_as_expected(void **state)
{
	const struct frames_row *row = *state;
	size_t size = 77;
	int count = 0;

	while (count < MOST_LINES && row->lines[count])
		count++;
	assert_string_equal(logplex_frames(arena, &row->source, THEN,
					   row->lines, count, &size),
			    row->expected);
	assert_int_equal(size, strlen(row->expected));
}

/* Split the frames by their octet counts. */
static void counts_lead_from_frame_to_frame(void)
{
	static const char *const lines[] = { "one", "", "12 three\n4 <190>",
					     "\xf0\x9f\x98\x80" };
	size_t size;
	const char *frames = logplex_frames(arena, &heroku, THEN, lines,
					    COUNT(lines), &size);
	const char *at = frames;

	for (size_t i = 0; i < COUNT(lines); i++) {
		char *message;
		long length = strtol(at, &message, 10);

		assert_int_equal(*message, ' ');
		assert_int_equal(strncmp(message + 1, "<190>1 ", 7), 0);
		at = message + 1 + length;
	}
	assert_int_equal(at - frames, size);
}

static struct unit_check checks[] = {
	{ "the length of a frame leads to the next one",
	  counts_lead_from_frame_to_frame },
};

int main(void)
{
	UNIT_ROWS(rows, frames_are_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("logplex");
}
