#include "lib/text/json_syntax.h"

#include <ctype.h>
#include <string.h>

#include "lib/text/utf8.h"

struct scan {
	const unsigned char *at;
	const unsigned char *end;
	int depth;
	const char *what; /* what was wrong at at */
};

static bool fail(struct scan *scan, const char *what)
{
	scan->what = what;
	return false;
}

static bool next_is(const struct scan *scan, char byte)
{
	return scan->at < scan->end && *scan->at == (unsigned char)byte;
}

static bool take(struct scan *scan, char byte)
{
	if (!next_is(scan, byte))
		return false;
	scan->at++;
	return true;
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && memchr(" \t\r\n", *scan->at, 4))
		scan->at++;
}

static bool take_word(struct scan *scan, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(scan->end - scan->at) < length
	    || memcmp(scan->at, word, length) != 0)
		return fail(scan, "a value is missing or misspelled");
	scan->at += length;
	return true;
}

static bool take_digits(struct scan *scan)
{
	const unsigned char *start = scan->at;

	while (scan->at < scan->end && isdigit(*scan->at))
		scan->at++;
	return scan->at > start || fail(scan, "a number is incomplete");
}

static bool take_number(struct scan *scan)
{
	take(scan, '-');
	if (!take(scan, '0') && !take_digits(scan))
		return false;
	if (take(scan, '.') && !take_digits(scan))
		return false;
	if (take(scan, 'e') || take(scan, 'E')) {
		if (!take(scan, '+'))
			take(scan, '-');
		return take_digits(scan);
	}
	return true;
}

/* The four digits after \u. */
static bool take_code_unit(struct scan *scan, unsigned int *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, scan->at++) {
		if (scan->at == scan->end || !isxdigit(*scan->at))
			return fail(scan, "\\u needs four hexadecimal digits");
		*unit = *unit * 16
			+ (unsigned int)(isdigit(*scan->at) ? *scan->at - '0'
							    : tolower(*scan->at)
							 - 'a' + 10);
	}
	return true;
}

static bool take_unicode_escape(struct scan *scan)
{
	unsigned int unit, low;

	if (!take_code_unit(scan, &unit))
		return false;
	if (unit == 0)
		return fail(scan, "\\u0000 is not allowed");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || !take(scan, '\\') || !take(scan, 'u')
	    || !take_code_unit(scan, &low) || low < 0xdc00 || low > 0xdfff)
		return fail(scan, "half of a surrogate pair is missing");
	return true;
}

static bool take_escape(struct scan *scan)
{
	if (take(scan, 'u'))
		return take_unicode_escape(scan);
	if (scan->at == scan->end || !memchr("\"\\/bfnrt", *scan->at, 8))
		return fail(scan, "an escape in a string is unknown");
	scan->at++;
	return true;
}

static bool take_character(struct scan *scan)
{
	size_t length = utf8_take((const char *)scan->at,
				  (size_t)(scan->end - scan->at));

	scan->at += length;
	return length > 0 || fail(scan, "a string is not UTF-8");
}

/* Its opening quote is next. */
static bool take_string(struct scan *scan)
{
	take(scan, '"');
	while (scan->at < scan->end) {
		if (take(scan, '"'))
			return true;
		if (*scan->at < 0x20)
			return fail(scan, "a string has a raw control byte");
		if (take(scan, '\\')) {
			if (!take_escape(scan))
				return false;
		} else if (!take_character(scan)) {
			return false;
		}
	}
	return fail(scan, "a string does not end");
}

static bool take_value(struct scan *scan);

static bool take_member(struct scan *scan)
{
	skip_blanks(scan);
	if (!next_is(scan, '"'))
		return fail(scan,
			    "a name in double quotes is missing, or a comma "
			    "is one too many");
	if (!take_string(scan))
		return false;
	skip_blanks(scan);
	if (!take(scan, ':'))
		return fail(scan, "a colon is missing");
	return take_value(scan);
}

/* The inside of an array or object, its opening bracket taken. */
static bool take_list(struct scan *scan, char close,
		      bool (*take_entry)(struct scan *))
{
	if (++scan->depth > JSON_DEEPEST)
		return fail(scan, "it is nested too deeply");
	skip_blanks(scan);
	if (!take(scan, close)) {
		do {
			if (!take_entry(scan))
				return false;
			skip_blanks(scan);
		} while (take(scan, ','));
		if (!take(scan, close))
			return fail(scan, "a comma or a bracket is missing");
	}
	scan->depth--;
	return true;
}

static bool take_value(struct scan *scan)
{
	skip_blanks(scan);
	if (scan->at == scan->end)
		return fail(scan, "a value is missing");
	if (take(scan, '{'))
		return take_list(scan, '}', take_member);
	if (take(scan, '['))
		return take_list(scan, ']', take_value);
	switch (*scan->at) {
	case '"':
		return take_string(scan);
	case 't':
		return take_word(scan, "true");
	case 'f':
		return take_word(scan, "false");
	case 'n':
		return take_word(scan, "null");
	default:
		if (*scan->at == '-' || isdigit(*scan->at))
			return take_number(scan);
		return fail(scan, "a value is missing or misspelled");
	}
}

bool json_syntax_check(const char *text, size_t length,
		       struct json_fault *fault)
{
	const unsigned char *start = (const unsigned char *)text;
	struct scan scan = { .at = start, .end = start + length };
	bool is_proper = take_value(&scan);

	if (is_proper) {
		skip_blanks(&scan);
		if (scan.at < scan.end)
			is_proper = fail(&scan, "text follows its end");
	}
	if (!is_proper)
		*fault = (struct json_fault){ scan.what,
					      (size_t)(scan.at - start) };
	return is_proper;
}
