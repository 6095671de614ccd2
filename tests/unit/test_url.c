#include "unit.h"

#include "lib/text/url.h"

enum { BARE = URL_BARE, HTTP = URL_OR_HTTP, SYSLOG = URL_OR_SYSLOG };

/* ---- which texts are valid ---- */

static struct valid_row {
	const char *name;
	const char *text;
	unsigned int rules;
} valid[] = {
	{ "a host is enough", "https://a.example", 0 },
	{ "a host without a dot is valid", "https://localhost/", 0 },
	{ "a port is allowed", "https://a.example:8443/b", 0 },
	{ "an IPv4 address is a host", "https://192.0.2.1/b", 0 },
	{ "an IPv6 address is a host", "https://[2001:db8::1]:8443/b", 0 },
	{ "a query and a fragment are allowed", "https://a/b?c=d&e=%20#f", 0 },
	{ "a query may follow the host", "https://a?b=c", 0 },
	{ "a user and a password are allowed", "https://u:p@a.example/", 0 },
	{ "an @ in the path is allowed", "https://a.example/@b", 0 },
	{ "a single quote is allowed", "https://a.example/'b", 0 },
	{ "dot segments are allowed", "https://a.example/../b", 0 },
	{ "an upper-case host is a host", "https://A.Example/", 0 },
	{ "http is allowed if the caller accepts it", "http://a/", HTTP },
	{ "https is allowed along with http", "https://a/", HTTP },
	{ "syslog is allowed if the caller accepts it", "syslog://a:514",
	  SYSLOG },
	{ "syslog needs no port", "syslog://a.example", SYSLOG },
	{ "https is allowed along with syslog", "https://a/", SYSLOG },
	{ "a bare URL may have a port and a path", "https://a:8443/b/%20c",
	  BARE },
	{ "a bare URL may have an IPv6 address", "https://[::1]:8443", BARE },
};

static void text_is_valid(void **state)
{
	const struct valid_row *row = *state;

	assert_text(url_read(arena, row->text, row->rules).fault, NULL);
}

static struct invalid_row {
	const char *name;
	const char *text;
	unsigned int rules;
	const char *fault; /* a part of it */
} invalid[] = {
	{ "NULL is not a URL", NULL, 0, "begins with https://" },
	{ "an empty text is not one", "", 0, "begins with https://" },
	{ "a name is not one", "a.example", 0, "begins with https://" },
	{ "a path is not one", "/dashboard", 0, "begins with https://" },
	{ "http is refused by default", "http://a/", 0,
	  "begins with https://" },
	{ "http is refused beside syslog", "http://a/", SYSLOG,
	  "https:// or syslog://" },
	{ "syslog is refused by default", "syslog://a", 0,
	  "begins with https://" },
	{ "syslog is refused beside http", "syslog://a", HTTP,
	  "https:// or http://" },
	{ "an upper-case scheme is refused", "HTTPS://a/", 0,
	  "begins with https://" },
	{ "a script is refused", "javascript:alert(1)", 0,
	  "begins with https://" },
	{ "a blank before the scheme is refused", " https://a/", 0,
	  "begins with https://" },
	{ "a single slash is refused", "https:/a.example", 0,
	  "begins with https://" },
	{ "a missing host is refused", "https://", 0, "host" },
	{ "a third slash is refused", "https:///a", 0, "host" },
	{ "a query in place of a host is refused", "https://?a", 0, "host" },
	{ "a port in place of a host is refused", "https://:443/", 0, "host" },
	{ "a user without a host is refused", "https://u:p@/", 0, "host" },
	{ "a user before only a port is refused", "https://u@:1/", 0, "host" },
	{ "two users are refused", "https://u@a.example@b.example/", 0,
	  "host" },
	{ "an encoded host is refused", "https://a%2eexample/", 0, "host" },
	{ "a comma in a host is refused", "https://a,b/", 0, "host" },
	{ "a port that is a word is refused", "https://a:b/", 0, "port" },
	{ "a port beyond 65535 is refused", "https://a:65536/", 0, "port" },
	{ "an unfinished IPv6 address is refused", "https://[::1/", 0, "host" },
	{ "a word in brackets is refused", "https://[localhost]/", 0, "host" },
	{ "an IPv6 zone is refused", "https://[fe80::1%25eth0]/", 0, "host" },
	{ "a line break is refused", "https://a/\r\nb", 0, "percent-encode" },
	{ "a tab is refused", "https://a/\tb", 0, "percent-encode" },
	{ "a delete is refused", "https://a/\x7f", 0, "percent-encode" },
	{ "a blank is refused", "https://a/ b", 0, "percent-encode" },
	{ "a double quote is refused", "https://a/\"b", 0, "percent-encode" },
	{ "a percent sign without digits is refused", "https://a/%", 0,
	  "digits" },
	{ "a percent sign needs two digits", "https://a/%41%4", 0, "digits" },
	{ "a percent sign needs hexadecimal digits", "https://a/%4g", 0,
	  "digits" },
	{ "an angle bracket is refused", "https://a/<b", 0, "percent-encode" },
	{ "a brace is refused", "https://a/${b}", 0, "percent-encode" },
	{ "a backslash is refused", "https://a\\b", 0, "percent-encode" },
	{ "a letter outside ASCII is refused", "https://\xc3\xbc.example/", 0,
	  "percent-encode" },
	{ "a bare URL has no user", "https://u@a/", BARE, "without user" },
	{ "a bare URL has no password", "https://u:p@a/", BARE,
	  "without user" },
	{ "a bare URL has no query", "https://a/?", BARE, "query" },
	{ "a bare URL has no fragment", "https://a/#", BARE, "fragment" },
	{ "a bare URL has no @ in its path", "https://a/@", BARE, "without" },
	{ "a bare URL has a host", "https://:443", BARE, "host" },
};

static void text_is_invalid(void **state)
{
	const struct invalid_row *row = *state;
	const struct url url = url_read(arena, row->text, row->rules);

	assert_contains(url.fault, row->fault);
	assert_contains(url.fault, "must be a URL");
	assert_null(url.text);
}

static void a_url_has_2048_bytes_at_most(void)
{
	char *text = arena_alloc(arena, URL_LONGEST + 2);

	memset(text, 'a', URL_LONGEST);
	memcpy(text, "https://a/", 10);
	assert_text(url_read(arena, text, 0).fault, NULL);
	text[URL_LONGEST] = 'a';
	assert_contains(url_read(arena, text, 0).fault, "2048");
}

/* ---- the parts ---- */

static struct parts_row {
	const char *name;
	const char *text;
	struct url expected;
} parts[] = {
	{ "a URL has parts",
	  "https://u%20v:p%40q@a.example:8443/b%2Fc/?d#e",
	  { .text = "https://a.example:8443/b%2Fc/?d#e",
	    .host = "a.example",
	    .port = "8443",
	    .path = "/b%2Fc/",
	    .user = "u v",
	    .password = "p@q" } },
	{ "a port and a path have defaults",
	  "https://a.example",
	  { .text = "https://a.example/",
	    .host = "a.example",
	    .port = "443",
	    .path = "/" } },
	{ "http has another default port",
	  "http://a/b",
	  { .text = "http://a/b", .host = "a", .port = "80", .path = "/b" } },
	{ "syslog has no default port",
	  "syslog://a",
	  { .text = "syslog://a/", .host = "a", .path = "/" } },
	{ "an IPv6 address keeps its brackets",
	  "https://[::1]/",
	  { .text = "https://[::1]/",
	    .host = "[::1]",
	    .port = "443",
	    .path = "/" } },
	{ "another form of an address is read as libcurl reads it",
	  "https://2130706433/",
	  { .text = "https://127.0.0.1/",
	    .host = "127.0.0.1",
	    .port = "443",
	    .path = "/" } },
	{ "dot segments stay for the caller to judge",
	  "https://a/b/../c",
	  { .text = "https://a/b/../c",
	    .host = "a",
	    .port = "443",
	    .path = "/b/../c" } },
	{ "an @ in the path is not a user",
	  "https://a.example/@b.example",
	  { .text = "https://a.example/@b.example",
	    .host = "a.example",
	    .port = "443",
	    .path = "/@b.example" } },
	{ "an @ in a fragment is not a user",
	  "https://a.example#@b.example",
	  { .text = "https://a.example/#@b.example",
	    .host = "a.example",
	    .port = "443",
	    .path = "/" } },
};

static void parts_are_as_expected(void **state)
{
	const struct parts_row *row = *state;
	const struct url url =
		url_read(arena, row->text, URL_OR_HTTP | URL_OR_SYSLOG);

	assert_text(url.fault, NULL);
	assert_text(url.text, row->expected.text);
	assert_text(url.host, row->expected.host);
	assert_text(url.port, row->expected.port);
	assert_text(url.path, row->expected.path);
	assert_text(url.user, row->expected.user);
	assert_text(url.password, row->expected.password);
}

/* ---- links ---- */

static struct link_row {
	const char *name;
	const char *text;
	bool expected;
} links[] = {
	{ "an https URL is a link", "https://a.example:8443/b/?c=d&e=%20#f",
	  true },
	{ "a path is a link", "/dashboard?a=b", true },
	{ "the root is a link", "/", true },
	{ "two slashes lead to another host", "//a.example", false },
	{ "a backslash may lead there, too", "/\\a.example", false },
	{ "a path has no blank", "/a b", false },
	{ "http is not a link", "http://a.example", false },
	{ "a script is not a link", "javascript:alert(1)", false },
	{ "a scheme alone is not a link", "https://", false },
	{ "a name alone is not a link", "a.example", false },
	{ "an empty text is not a link", "", false },
};

static void link_is_as_expected(void **state)
{
	const struct link_row *row = *state;

	assert_bool(url_is_link(arena, row->text), row->expected);
}

/* ---- schemes ---- */

static struct scheme_row {
	const char *name;
	const char *text;
	size_t expected;
} schemes[] = {
	{ "a scheme ends in ://", "postgres://a", 11 },
	{ "a scheme may have signs and digits", "a+b-1.c://a", 10 },
	{ "a scheme is all that is needed", "https://", 8 },
	{ "two slashes belong to it", "mailto:a", 0 },
	{ "a scheme must not begin with a digit", "1a://b", 0 },
	{ "a scheme is in lower case", "Https://a", 0 },
	{ "an empty text has no scheme", "", 0 },
	{ "a path has no scheme", "/a://b", 0 },
};

static void scheme_is_as_expected(void **state)
{
	const struct scheme_row *row = *state;

	assert_int_equal(url_scheme_length(row->text), row->expected);
}

static struct origin_row {
	const char *name;
	const char *text;
	size_t expected;
} origins[] = {
	{ "an origin ends before the path", "https://a:1/b/c", 11 },
	{ "an origin ends before a query", "https://a?b", 9 },
	{ "an origin ends before a fragment", "https://a#/b", 9 },
	{ "an origin may be all", "http://a", 8 },
	{ "a path has no origin", "/a", 0 },
};

static void origin_is_as_expected(void **state)
{
	const struct origin_row *row = *state;

	assert_int_equal(url_origin_length(row->text), row->expected);
}

static struct unit_check checks[] = {
	{ "a URL has 2048 bytes at most", a_url_has_2048_bytes_at_most },
};

int main(void)
{
	UNIT_ROWS(valid, text_is_valid);
	UNIT_ROWS(invalid, text_is_invalid);
	UNIT_ROWS(parts, parts_are_as_expected);
	UNIT_ROWS(links, link_is_as_expected);
	UNIT_ROWS(schemes, scheme_is_as_expected);
	UNIT_ROWS(origins, origin_is_as_expected);
	UNIT_CHECKS(checks);
	return unit_run("url");
}
