/*
 * json_reader.c - one pass over the text, which makes the values of cJSON.
 *
 * cJSON itself reads only numbers and strings with escapes.
 */
#include "lib/text/json_reader.h"

#include <ctype.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/utf8.h"
#include "lib/text/json_memory.h"

struct scan {
	struct arena *arena;
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

static bool begins_with_bytes(const struct scan *scan, const char *bytes,
			      size_t length)
{
	return (size_t)(scan->end - scan->at) >= length
		&& memcmp(scan->at, bytes, length) == 0;
}

/* Fail with the fault missing or, if the text continues with something that
 * JSON does not have, with a fault about that. */
static bool fail_instead(struct scan *scan, const char *missing)
{
	static const struct {
		const char *start;
		const char *what;
	} others[] = {
		{ "//", "JSON has no comments" },
		{ "/*", "JSON has no comments" },
		{ "#", "JSON has no comments" },
		{ "'", "strings need double quotes" },
	};

	for (size_t i = 0; i < COUNT(others); i++)
		if (begins_with_bytes(scan, others[i].start,
				      strlen(others[i].start)))
			return fail_scan(scan, others[i].what);
	return fail_scan(scan, missing);
}

static bool scan_word(struct scan *scan, const char *word, cJSON *value,
		      int type)
{
	size_t length = strlen(word);

	if (!begins_with_bytes(scan, word, length))
		return fail_scan(scan, "a value is missing or misspelled");
	scan->at += length;
	value->type = type;
	return true;
}

/* Have cJSON read the number or string that begins at start and ends here. */
static bool read_with_cjson(struct scan *scan, const unsigned char *start,
			    cJSON *value, const char *fault)
{
	const char *end;
	const cJSON *read;

	json_allocate_from(scan->arena);
	read = cJSON_ParseWithLengthOpts(
		(const char *)start, (size_t)(scan->at - start), &end, false);
	if (!read || end != (const char *)scan->at)
		return fail_scan(scan, fault);
	/* Do not copy the whole struct, because value is in a list. */
	value->type = read->type;
	value->valuestring = read->valuestring;
	value->valueint = read->valueint;
	value->valuedouble = read->valuedouble;
	return true;
}

static bool scan_digits(struct scan *scan)
{
	const unsigned char *start = scan->at;

	while (scan->at < scan->end && isdigit(*scan->at))
		scan->at++;
	return scan->at > start || fail_scan(scan, "a number is incomplete");
}

static bool scan_number_text(struct scan *scan)
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

static bool scan_number(struct scan *scan, cJSON *value)
{
	const unsigned char *start = scan->at;

	return scan_number_text(scan)
		&& read_with_cjson(scan, start, value,
				   "a number has too many digits");
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
		return fail_scan(scan,
				 "a string has an unknown escape sequence");
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

/* Skip the ASCII characters that need no further check: most of a document. */
static void skip_plain(struct scan *scan)
{
	const unsigned char *at = scan->at, *end = scan->end;

	while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"'
	       && *at != '\\')
		at++;
	scan->at = at;
}

/* Scan a string, whose opening quote is next. */
static bool scan_string_text(struct scan *scan, bool *has_escape)
{
	*has_escape = false;
	scan_byte(scan, '"');
	for (skip_plain(scan); scan->at < scan->end; skip_plain(scan)) {
		if (scan_byte(scan, '"'))
			return true;
		if (*scan->at < 0x20)
			return fail_scan(scan,
					 "a string has a control character "
					 "that is not escaped");
		if (scan_byte(scan, '\\')) {
			*has_escape = true;
			if (!scan_escape(scan))
				return false;
		} else if (!scan_character(scan)) {
			return false;
		}
	}
	return fail_scan(scan, "a string does not end");
}

static bool scan_string(struct scan *scan, cJSON *value)
{
	const unsigned char *start = scan->at;
	bool has_escape;

	if (!scan_string_text(scan, &has_escape))
		return false;
	if (has_escape)
		return read_with_cjson(scan, start, value,
				       "a string has an unknown escape "
				       "sequence");
	value->type = cJSON_String;
	value->valuestring = arena_strndup(scan->arena, (const char *)start + 1,
					   (size_t)(scan->at - start) - 2);
	return true;
}

static bool scan_value(struct scan *scan, cJSON *value);

static bool scan_member(struct scan *scan, cJSON *member)
{
	cJSON name = { 0 };

	skip_blanks(scan);
	if (!next_byte_is(scan, '"'))
		return fail_instead(
			scan,
			"a name in double quotes is missing, or a comma "
			"is one too many");
	if (!scan_string(scan, &name))
		return false;
	skip_blanks(scan);
	if (!scan_byte(scan, ':'))
		return fail_instead(scan, "a colon is missing");
	if (!scan_value(scan, member))
		return false;
	member->string = name.valuestring;
	return true;
}

/* As in every list of cJSON, the first entry points to the last one. */
static cJSON *add_json_entry(struct scan *scan, cJSON *list)
{
	cJSON *entry = arena_alloc(scan->arena, sizeof *entry);
	cJSON *first = list->child;

	if (first) {
		entry->prev = first->prev;
		first->prev->next = entry;
		first->prev = entry;
	} else {
		list->child = entry->prev = entry;
	}
	return entry;
}

/* Scan an array or object after its opening bracket. */
static bool scan_list(struct scan *scan, char close,
		      bool (*scan_entry)(struct scan *, cJSON *entry),
		      cJSON *list, int type)
{
	list->type = type;
	if (++scan->depth > JSON_DEEPEST)
		return fail_scan(scan, "it is nested too deeply");
	skip_blanks(scan);
	if (!scan_byte(scan, close)) {
		do {
			if (!scan_entry(scan, add_json_entry(scan, list)))
				return false;
			skip_blanks(scan);
		} while (scan_byte(scan, ','));
		if (!scan_byte(scan, close))
			return fail_instead(scan,
					    "a comma or a bracket is missing");
	}
	scan->depth--;
	return true;
}

static bool scan_value(struct scan *scan, cJSON *value)
{
	skip_blanks(scan);
	if (scan->at == scan->end)
		return fail_scan(scan, "a value is missing");
	if (scan_byte(scan, '{'))
		return scan_list(scan, '}', scan_member, value, cJSON_Object);
	if (scan_byte(scan, '['))
		return scan_list(scan, ']', scan_value, value, cJSON_Array);
	switch (*scan->at) {
	case '"':
		return scan_string(scan, value);
	case 't':
		return scan_word(scan, "true", value, cJSON_True);
	case 'f':
		return scan_word(scan, "false", value, cJSON_False);
	case 'n':
		return scan_word(scan, "null", value, cJSON_NULL);
	default:
		if (*scan->at == '-' || isdigit(*scan->at))
			return scan_number(scan, value);
		return fail_instead(scan, "a value is missing or misspelled");
	}
}

/* Return false if the text begins like another format or encoding. */
static bool scan_start(struct scan *scan)
{
	static const char compressed[] =
		"it is compressed, which is not supported";
	static const char utf16[] = "it is UTF-16 and must be UTF-8";
	static const struct {
		const char *bytes;
		size_t length;
		const char *what;
	} starts[] = {
		{ "\xef\xbb\xbf", 3,
		  "it begins with a byte order mark, which must be removed" },
		{ "\xff\xfe", 2, utf16 },
		{ "\xfe\xff", 2, utf16 },
		{ "{\0", 2, utf16 },
		{ "\0{", 2, utf16 },
		{ "\x1f\x8b", 2, compressed }, /* gzip */
		{ "x\x01", 2, compressed },    /* deflate */
		{ "x\x5e", 2, compressed },
		{ "x\x9c", 2, compressed },
		{ "x\xda", 2, compressed },
		{ "\x28\xb5\x2f\xfd", 4, compressed }, /* Zstandard */
	};

	for (size_t i = 0; i < COUNT(starts); i++)
		if (begins_with_bytes(scan, starts[i].bytes, starts[i].length))
			return fail_scan(scan, starts[i].what);
	return true;
}

const struct cJSON *json_read(struct arena *arena, const char *text,
			      size_t length, struct json_fault *fault)
{
	const unsigned char *start = (const unsigned char *)text;
	struct scan scan = {
		.arena = arena,
		.at = start,
		.end = start + length,
	};
	cJSON *value = arena_alloc(arena, sizeof *value);
	bool is_valid = scan_start(&scan) && scan_value(&scan, value);

	if (is_valid) {
		skip_blanks(&scan);
		if (scan.at < scan.end)
			is_valid = fail_instead(&scan,
						"text follows the end "
						"of the document");
	}
	if (is_valid)
		return value;
	*fault = (struct json_fault){ scan.what, (size_t)(scan.at - start) };
	return NULL;
}
