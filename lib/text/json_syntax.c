#include "lib/text/json_syntax.h"

#include <ctype.h>
#include <string.h>

#include "lib/text/utf8.h"

struct scan {
	const unsigned char *at;
	const unsigned char *end;
	int depth;
	const char *what; /* the fault, if one was found */
};

static bool fail_scan(struct scan *scan, const char *what)
{
	scan->what = what;
	return false;
}

static bool next_byte_is(const struct scan *scan, char byte)
{
	return scan->at < scan->end && *scan->at == (unsigned char)byte;
}

static bool scan_byte(struct scan *scan, char byte)
{
	if (!next_byte_is(scan, byte))
		return false;
	scan->at++;
	return true;
}

static void skip_blanks(struct scan *scan)
{
	while (scan->at < scan->end && memchr(" \t\r\n", *scan->at, 4))
		scan->at++;
}

static bool scan_word(struct scan *scan, const char *word)
{
	size_t length = strlen(word);

	if ((size_t)(scan->end - scan->at) < length
	    || memcmp(scan->at, word, length) != 0)
		return fail_scan(scan, "a value is missing or misspelled");
	scan->at += length;
	return true;
}

static bool scan_digits(struct scan *scan)
{
	const unsigned char *start = scan->at;

	while (scan->at < scan->end && isdigit(*scan->at))
		scan->at++;
	return scan->at > start || fail_scan(scan, "a number is incomplete");
}

static bool scan_number(struct scan *scan)
{
	scan_byte(scan, '-');
	if (!scan_byte(scan, '0') && !scan_digits(scan))
		return false;
	if (scan_byte(scan, '.') && !scan_digits(scan))
		return false;
	if (scan_byte(scan, 'e') || scan_byte(scan, 'E')) {
		if (!scan_byte(scan, '+'))
			scan_byte(scan, '-');
		return scan_digits(scan);
	}
	return true;
}

/* Scan the four digits after \u. */
static bool scan_code_unit(struct scan *scan, unsigned int *unit)
{
	*unit = 0;
	for (int i = 0; i < 4; i++, scan->at++) {
		if (scan->at == scan->end || !isxdigit(*scan->at))
			return fail_scan(scan,
					 "\\u needs four hexadecimal digits");
		*unit = *unit * 16
			+ (unsigned int)(isdigit(*scan->at) ? *scan->at - '0'
							    : tolower(*scan->at)
							 - 'a' + 10);
	}
	return true;
}

static bool scan_unicode_escape(struct scan *scan)
{
	unsigned int unit, low;

	if (!scan_code_unit(scan, &unit))
		return false;
	if (unit == 0)
		return fail_scan(scan, "\\u0000 is not allowed");
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (unit > 0xdbff || !scan_byte(scan, '\\') || !scan_byte(scan, 'u')
	    || !scan_code_unit(scan, &low) || low < 0xdc00 || low > 0xdfff)
		return fail_scan(scan, "half of a surrogate pair is missing");
	return true;
}

static bool scan_escape(struct scan *scan)
{
	if (scan_byte(scan, 'u'))
		return scan_unicode_escape(scan);
	if (scan->at == scan->end || !memchr("\"\\/bfnrt", *scan->at, 8))
		return fail_scan(scan, "an escape in a string is unknown");
	scan->at++;
	return true;
}

static bool scan_character(struct scan *scan)
{
	size_t length = utf8_take((const char *)scan->at,
				  (size_t)(scan->end - scan->at));

	scan->at += length;
	return length > 0 || fail_scan(scan, "a string is not UTF-8");
}

/* Scan a string, whose opening quote is next. */
static bool scan_string(struct scan *scan)
{
	scan_byte(scan, '"');
	while (scan->at < scan->end) {
		if (scan_byte(scan, '"'))
			return true;
		if (*scan->at < 0x20)
			return fail_scan(scan,
					 "a string has a raw control byte");
		if (scan_byte(scan, '\\')) {
			if (!scan_escape(scan))
				return false;
		} else if (!scan_character(scan)) {
			return false;
		}
	}
	return fail_scan(scan, "a string does not end");
}

static bool scan_value(struct scan *scan);

static bool scan_member(struct scan *scan)
{
	skip_blanks(scan);
	if (!next_byte_is(scan, '"'))
		return fail_scan(
			scan,
			"a name in double quotes is missing, or a comma "
			"is one too many");
	if (!scan_string(scan))
		return false;
	skip_blanks(scan);
	if (!scan_byte(scan, ':'))
		return fail_scan(scan, "a colon is missing");
	return scan_value(scan);
}

/* Scan an array or object after its opening bracket. */
static bool scan_list(struct scan *scan, char close,
		      bool (*scan_entry)(struct scan *))
{
	if (++scan->depth > JSON_DEEPEST)
		return fail_scan(scan, "it is nested too deeply");
	skip_blanks(scan);
	if (!scan_byte(scan, close)) {
		do {
			if (!scan_entry(scan))
				return false;
			skip_blanks(scan);
		} while (scan_byte(scan, ','));
		if (!scan_byte(scan, close))
			return fail_scan(scan,
					 "a comma or a bracket is missing");
	}
	scan->depth--;
	return true;
}

static bool scan_value(struct scan *scan)
{
	skip_blanks(scan);
	if (scan->at == scan->end)
		return fail_scan(scan, "a value is missing");
	if (scan_byte(scan, '{'))
		return scan_list(scan, '}', scan_member);
	if (scan_byte(scan, '['))
		return scan_list(scan, ']', scan_value);
	switch (*scan->at) {
	case '"':
		return scan_string(scan);
	case 't':
		return scan_word(scan, "true");
	case 'f':
		return scan_word(scan, "false");
	case 'n':
		return scan_word(scan, "null");
	default:
		if (*scan->at == '-' || isdigit(*scan->at))
			return scan_number(scan);
		return fail_scan(scan, "a value is missing or misspelled");
	}
}

bool json_syntax_check(const char *text, size_t length,
		       struct json_fault *fault)
{
	const unsigned char *start = (const unsigned char *)text;
	struct scan scan = { .at = start, .end = start + length };
	bool is_proper = scan_value(&scan);

	if (is_proper) {
		skip_blanks(&scan);
		if (scan.at < scan.end)
			is_proper = fail_scan(&scan, "text follows its end");
	}
	if (!is_proper)
		*fault = (struct json_fault){ scan.what,
					      (size_t)(scan.at - start) };
	return is_proper;
}
