#include "lib/verify/marketplace_server.h"

#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/base/arena.h"
#include "lib/text/json.h"
#include "lib/verify/marketplace_calls.h"

enum {
	LARGEST_BODY = MARKETPLACE_LONGEST_CONFIG,
	CONNECTION_TIMEOUT = 30 /* s */
};

struct server {
	struct marketplace_state *state;
	int reports;
};

/* A request whose body arrives. */
struct arrival {
	struct arena *arena;
	char *body;
	size_t length;
	bool is_large;
};

/* ---- answers ---- */

/* libmicrohttpd does not change a buffer, although its type would allow this.
 */
static void *mutable_bytes(const void *bytes)
{
	union {
		const void *in;
		void *out;
	} same = { .in = bytes };

	return same.out;
}

static void report_call(const struct server *s,
			const struct marketplace_answer *answer)
{
	const char *config = answer->config ? answer->config : "";
	struct iovec parts[] = {
		{ mutable_bytes(&answer->report), sizeof answer->report },
		{ mutable_bytes(config), strlen(config) },
	};
	const struct msghdr message = { .msg_iov = parts, .msg_iovlen = 2 };

	if (answer->has_report
	    && sendmsg(s->reports, &message, MSG_NOSIGNAL) < 0)
		exit(EXIT_FAILURE); /* the caller has gone */
}

static enum MHD_Result send_answer(struct MHD_Connection *connection,
				   struct arena *arena,
				   const struct marketplace_answer *answer)
{
	const char *text = json_print(arena, answer->body);
	struct MHD_Response *response = MHD_create_response_from_buffer(
		strlen(text), mutable_bytes(text), MHD_RESPMEM_MUST_COPY);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE,
				"application/json");
	if (answer->retry_after)
		MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER,
					answer->retry_after);
	result = MHD_queue_response(connection, (unsigned int)answer->status,
				    response);
	MHD_destroy_response(response);
	return result;
}

/* ---- requests ---- */

static struct arrival *begin_arrival(void)
{
	struct arena *arena = arena_create();
	struct arrival *a = arena_alloc(arena, sizeof *a);

	a->arena = arena;
	a->body = arena_alloc(arena, LARGEST_BODY);
	return a;
}

static void take_body_part(struct arrival *a, const char *bytes, size_t length)
{
	a->is_large |= length > LARGEST_BODY - a->length;
	if (a->is_large)
		return;
	memcpy(a->body + a->length, bytes, length);
	a->length += length;
}

static const char *header_of(struct MHD_Connection *connection,
			     const char *name)
{
	const char *value =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);

	return value ? value : "";
}

/* Called when the head has arrived, for each part of the body, and at its end.
 * Closes the connection if the body is too large. */
static enum MHD_Result handle(void *context, struct MHD_Connection *connection,
			      const char *path, const char *method,
			      const char *version, const char *bytes,
			      size_t *length, void **state)
{
	const struct server *s = context;
	struct arrival *a = *state;
	struct marketplace_answer answer;

	(void)version;
	if (!a) {
		*state = begin_arrival();
		return MHD_YES;
	}
	if (*length > 0) {
		take_body_part(a, bytes, *length);
		*length = 0;
		return a->is_large ? MHD_NO : MHD_YES;
	}
	answer = marketplace_answer(
		s->state, a->arena,
		&(struct marketplace_request){
			.method = method,
			.path = path,
			.accept = header_of(connection, MHD_HTTP_HEADER_ACCEPT),
			.authorization = header_of(
				connection, MHD_HTTP_HEADER_AUTHORIZATION),
			.body = a->body,
			.length = a->length,
		});
	report_call(s, &answer);
	return send_answer(connection, a->arena, &answer);
}

static void end_arrival(void *context, struct MHD_Connection *connection,
			void **state,
			enum MHD_RequestTerminationCode termination)
{
	struct arrival *a = *state;

	(void)context, (void)connection, (void)termination;
	if (a)
		arena_destroy(a->arena);
}

/* ---- the process ---- */

static struct MHD_Daemon *start_daemon(struct server *s, const char *pem,
				       int listening)
{
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_MEM_CERT, 0, mutable_bytes(pem) },
		{ MHD_OPTION_HTTPS_MEM_KEY, 0, mutable_bytes(pem) },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	return MHD_start_daemon(
		pem ? MHD_USE_TLS : MHD_NO_FLAG, 0, NULL, NULL, handle, s,
		MHD_OPTION_LISTEN_SOCKET, listening,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CONNECTION_TIMEOUT,
		MHD_OPTION_NOTIFY_COMPLETED, end_arrival, NULL,
		MHD_OPTION_ARRAY, pem ? tls : none, MHD_OPTION_END);
}

void marketplace_server_run(const struct marketplace_place *place,
			    int listening, int reports)
{
	struct server s = {
		.state =
			marketplace_state_create(arena_create(), place->secret),
		.reports = reports,
	};
	struct MHD_Daemon *daemon = start_daemon(&s, place->pem, listening);
	const char *why =
		daemon ? "" : "the certificate and the key cannot be used";

	if (send(reports, why, strlen(why) + 1, MSG_NOSIGNAL) < 0 || !daemon)
		exit(EXIT_FAILURE);
	while (MHD_run_wait(daemon, -1) == MHD_YES)
		;
	exit(EXIT_FAILURE);
}
