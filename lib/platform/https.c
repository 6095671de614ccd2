#include "lib/platform/https.h"

#include <limits.h>
#include <linux/close_range.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/platform/outbound_host.h"

enum {
	CONNECT_LIMIT = 3000 /* ms for name resolution, TCP and TLS */
};

struct https {
	CURL *curl; /* keeps only a connection between requests */
	const char *ca_file;
	/* of the current request */
	bool is_guarded;
	bool was_barred;
	bool is_too_long;
	char fault[CURL_ERROR_SIZE];
	size_t length;
	char body[HTTPS_LARGEST];
};

/* ---- callbacks of libcurl ---- */

static size_t take_body(char *bytes, size_t one, size_t count, void *data)
{
	struct https *https = data;
	size_t size = one * count;

	if (size > sizeof https->body - https->length) {
		https->is_too_long = true;
		return 0;
	}
	memcpy(https->body + https->length, bytes, size);
	https->length += size;
	return size;
}

static curl_socket_t open_socket(void *data, curlsocktype purpose,
				 struct curl_sockaddr *address)
{
	struct https *https = data;

	(void)purpose;
	if (https->is_guarded && !outbound_host_is_public(&address->addr)) {
		https->was_barred = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
		      address->protocol);
}

/* ---- a request ---- */

/* End the process if libcurl does not support one of our rules. */
static void must_accept(CURLcode code)
{
	if (code == CURLE_OK)
		return;
	log_error("libcurl cannot be used: %s", curl_easy_strerror(code));
	abort();
}

#define SET(https, option, value)                                              \
	must_accept(curl_easy_setopt((https)->curl, (option), (value)))

static void set_https_rules(struct https *https)
{
	static const struct {
		CURLoption option;
		long value;
	} numbers[] = {
		{ CURLOPT_FOLLOWLOCATION, 0 },
		{ CURLOPT_NETRC, CURL_NETRC_IGNORED },
		{ CURLOPT_SSL_VERIFYPEER, 1 },
		{ CURLOPT_SSL_VERIFYHOST, 2 },
		{ CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2 },
		{ CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1 },
		{ CURLOPT_HTTPAUTH, CURLAUTH_BASIC },
		{ CURLOPT_NOSIGNAL, 1 },
		/* Do not wait for a slow resolver after the deadline. */
		{ CURLOPT_QUICK_EXIT, 1 },
	};
	static const struct {
		CURLoption option;
		const char *value;
	} texts[] = {
		{ CURLOPT_PROTOCOLS_STR, "https" },
		{ CURLOPT_PROXY, "" },
		{ CURLOPT_USERAGENT, "provisor/" PROVISOR_VERSION },
	};

	for (size_t i = 0; i < COUNT(numbers); i++)
		SET(https, numbers[i].option, numbers[i].value);
	for (size_t i = 0; i < COUNT(texts); i++)
		SET(https, texts[i].option, texts[i].value);
	if (https->ca_file && *https->ca_file) {
		SET(https, CURLOPT_CAINFO, https->ca_file);
		SET(https, CURLOPT_CAPATH, NULL);
	}
	SET(https, CURLOPT_ERRORBUFFER, https->fault);
	SET(https, CURLOPT_WRITEFUNCTION, take_body);
	SET(https, CURLOPT_WRITEDATA, https);
	SET(https, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(https, CURLOPT_OPENSOCKETDATA, https);
}

/* The arena wipes a token in a header. */
static struct curl_slist *add_request_header(struct arena *arena,
					     struct curl_slist *next,
					     const char *name,
					     const char *value)
{
	struct curl_slist *header = arena_alloc(arena, sizeof *header);

	header->data = arena_printf(arena, "%s: %s", name, value);
	header->next = next;
	return header;
}

static struct curl_slist *
write_request_headers(struct arena *arena, const struct https_request *request)
{
	struct curl_slist *headers = NULL;

	if (request->accept)
		headers = add_request_header(arena, headers, "Accept",
					     request->accept);
	if (request->type)
		headers = add_request_header(arena, headers, "Content-Type",
					     request->type);
	if (request->range)
		headers = add_request_header(arena, headers, "Range",
					     request->range);
	if (request->token)
		headers = add_request_header(
			arena, headers, "Authorization",
			arena_printf(arena, "Bearer %s", request->token));
	return headers;
}

static void set_https_request(struct https *https, struct arena *arena,
			      const struct https_request *request,
			      int64_t limit)
{
	SET(https, CURLOPT_URL, request->url);
	if (request->may_be_plain)
		SET(https, CURLOPT_PROTOCOLS_STR, "https,http");
	if (request->body) {
		SET(https, CURLOPT_POSTFIELDS, request->body);
		SET(https, CURLOPT_POSTFIELDSIZE_LARGE,
		    (curl_off_t)request->length);
	}
	SET(https, CURLOPT_CUSTOMREQUEST, request->method);
	SET(https, CURLOPT_HTTPHEADER, write_request_headers(arena, request));
	SET(https, CURLOPT_USERNAME, request->user);
	SET(https, CURLOPT_PASSWORD, request->password);
	SET(https, CURLOPT_FRESH_CONNECT, (long)request->is_alone);
	SET(https, CURLOPT_FORBID_REUSE, (long)request->is_alone);
	SET(https, CURLOPT_TIMEOUT_MS, (long)limit);
	SET(https, CURLOPT_CONNECTTIMEOUT_MS,
	    (long)(limit < CONNECT_LIMIT ? limit : CONNECT_LIMIT));
	https->is_guarded = request->is_guarded;
}

/* Wipe all data of the request, because it contains secrets. */
static void forget_request(struct https *https)
{
	curl_easy_reset(https->curl);
	explicit_bzero(https->body, https->length);
	https->length = 0;
	https->fault[0] = '\0';
	https->is_too_long = https->was_barred = false;
}

static const char *read_response_header(struct https *https,
					struct arena *arena, const char *name)
{
	struct curl_header *header;
	CURLHcode code = curl_easy_header(https->curl, name, 0, CURLH_HEADER,
					  -1, &header);

	return code == CURLHE_OK ? arena_strdup(arena, header->value) : NULL;
}

static int64_t read_response_date(struct https *https, struct arena *arena)
{
	const char *text = read_response_header(https, arena, "Date");

	return text ? curl_getdate(text, NULL) : -1;
}

static struct https_response read_https_response(struct https *https,
						 struct arena *arena)
{
	struct https_response response = {
		.body = arena_strndup(arena, https->body, https->length),
		.length = https->length,
		.type = read_response_header(https, arena, "Content-Type"),
		.location = read_response_header(https, arena, "Location"),
		.cookie = read_response_header(https, arena, "Set-Cookie"),
		.request_id = read_response_header(https, arena, "Request-Id"),
		.remaining = read_response_header(https, arena,
						  "RateLimit-Remaining"),
		.next_range = read_response_header(https, arena, "Next-Range"),
		.date = read_response_date(https, arena),
	};
	long status = 0;
	curl_off_t retry_after = 0;

	curl_easy_getinfo(https->curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(https->curl, CURLINFO_RETRY_AFTER, &retry_after);
	response.status = (int)status;
	response.retry_after = retry_after;
	return response;
}

static struct https_response explain_fault(const struct https *https,
					   struct arena *arena, CURLcode code)
{
	bool is_barred = https->was_barred && code == CURLE_COULDNT_CONNECT;
	/* libcurl says so if a line of the head is longer than its limit. */
	bool is_long = https->is_too_long || code == CURLE_OUT_OF_MEMORY;
	long sent = 0; /* bytes */
	const char *fault = is_barred ? "its host has no public address"
		: is_long             ? "the response is too long"
		: *https->fault       ? https->fault
				      : curl_easy_strerror(code);

	curl_easy_getinfo(https->curl, CURLINFO_REQUEST_SIZE, &sent);
	return (struct https_response){ .fault = arena_strdup(arena, fault),
					.is_barred = is_barred,
					.was_sent = sent > 0 };
}

struct https_response https_perform(struct https *https, struct arena *arena,
				    const struct https_request *request)
{
	int64_t limit = request->deadline - clock_now();
	struct https_response response = { .fault = "no time is left" };
	CURLcode code;

	if (limit <= 0)
		return response;
	set_https_rules(https);
	set_https_request(https, arena, request, limit);
	code = curl_easy_perform(https->curl);
	/* libcurl opens descriptors besides our sockets. */
	close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	response = code == CURLE_OK ? read_https_response(https, arena)
				    : explain_fault(https, arena, code);
	forget_request(https);
	return response;
}

struct https *https_open(const char *ca_file)
{
	struct https *https = must(calloc(1, sizeof *https));

	must_accept(curl_global_init(CURL_GLOBAL_DEFAULT));
	https->curl = must(curl_easy_init());
	https->ca_file = ca_file;
	set_https_rules(https);
	return https;
}

void https_close(struct https *https)
{
	if (!https)
		return;
	curl_easy_cleanup(https->curl);
	curl_global_cleanup();
	free(https);
}
