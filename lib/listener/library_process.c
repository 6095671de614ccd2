#include "lib/listener/library_process.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/base/write_whole.h"
#include "lib/listener/hook_answer.h"
#include "lib/listener/listener.h"
#include "lib/listener/provisor_listener.h"
#include "lib/text/iso8601.h"
#include "lib/text/json.h"

enum {
	CHUNK = 16 * 1024, /* bytes */
	OLDEST_VERSION = 1 /* of a listener that still works */
};

struct library_process {
	struct arena *arena;
	int output; /* the descriptor for the answer */
	const struct provisor_listener *listener;
};

/* If this fails, the reader finds that the answer is not whole. */
static void write_output(const struct library_process *process,
			 const char *text)
{
	(void)!write_whole(process->output, text, strlen(text));
}

_Noreturn static void end_process(int status)
{
	fflush(NULL);
	_exit(status);
}

_Noreturn static void fail_unusable(const struct library_process *process,
				    const char *why)
{
	write_output(process, why);
	end_process(LIBRARY_PROCESS_UNUSABLE);
}

/* ---- the library ---- */

/* Keep standard output for the answer: redirect what the library writes there
 * to standard error. */
static void separate_outputs(struct library_process *process)
{
	process->output =
		fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

/* The loader would only report that it cannot open the file. */
static void *open_library(struct library_process *process)
{
	static const char file[] = "./listener.so";
	void *library;

	if (access(file, R_OK) != 0)
		fail_unusable(process,
			      arena_printf(process->arena,
					   "the user of the hooks pool cannot "
					   "read it (%s): chmod a+rx it",
					   strerror(errno)));
	library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		fail_unusable(process,
			      arena_printf(process->arena,
					   "cannot be loaded (%s): build it "
					   "again, and install the libraries "
					   "it needs",
					   dlerror()));
	return library;
}

static void load_library(struct library_process *process)
{
	const struct provisor_listener *listener =
		dlsym(open_library(process), "provisor_listener");

	if (!listener)
		fail_unusable(process,
			      "does not define provisor_listener: define it as "
			      "provisor/listener.h says, and export it");
	if (listener->version < OLDEST_VERSION
	    || listener->version > PROVISOR_LISTENER_VERSION)
		fail_unusable(process,
			      arena_printf(process->arena,
					   "has version %u, and this provisor "
					   "knows versions up to %d: build it "
					   "again with its "
					   "provisor/listener.h",
					   listener->version,
					   PROVISOR_LISTENER_VERSION));
	if (!listener->provision)
		fail_unusable(process,
			      "its provision is NULL: every listener must have "
			      "that function");
	process->listener = listener;
}

/* ---- the call ---- */

static const char *read_call_input(struct arena *arena, size_t *length)
{
	size_t room = CHUNK;
	char *text = arena_alloc(arena, room);
	ssize_t got;

	*length = 0;
	while ((got = read(STDIN_FILENO, text + *length, room - *length)) > 0) {
		*length += (size_t)got;
		if (*length < room)
			continue;
		text = memcpy(arena_alloc(arena, room * 2), text, room);
		room *= 2;
	}
	return text;
}

static const struct json *read_document(const struct library_process *process)
{
	size_t length;
	const char *text = read_call_input(process->arena, &length);
	const char *why;
	const struct json *document =
		json_parse(process->arena, text, length, &why);

	if (!document)
		fail_unusable(process, "was called without a JSON document");
	return document;
}

static const char *read_document_text(const struct json *object,
				      const char *name)
{
	return json_text(json_member(object, name));
}

static int read_document_number(const struct json *object, const char *name)
{
	return (int)json_integer(json_member(object, name), 0);
}

/* Return 0 if there is no such member. */
static int64_t read_document_time(const struct json *object, const char *name)
{
	const char *text = read_document_text(object, name);
	int64_t seconds = 0;

	if (text)
		(void)!iso8601_read(text, &seconds);
	return seconds;
}

static const struct provisor_pair *
read_document_pairs(struct arena *arena, const struct json *object,
		    const char *name)
{
	const struct json *list = json_member(object, name);
	struct provisor_pair *pairs = arena_alloc(
		arena, ((size_t)json_count(list) + 1) * sizeof *pairs);
	struct provisor_pair *pair = pairs;

	for (list = json_first(list); list; list = json_next(list))
		if (json_text(list))
			*pair++ = (struct provisor_pair){ json_name(list),
							  json_text(list) };
	return pairs;
}

static struct provisor_resource
read_document_resource(struct arena *arena, const struct json *resource)
{
	return (struct provisor_resource){
		.id = read_document_text(resource, "id"),
		.uuid = read_document_text(resource, "uuid"),
		.marketplace = read_document_text(resource, "marketplace"),
		.addon = read_document_text(resource, "addon"),
		.plan = read_document_text(resource, "plan"),
		.old_plan = read_document_text(resource, "old_plan"),
		.region = read_document_text(resource, "region"),
		.name = read_document_text(resource, "name"),
		.options = read_document_pairs(arena, resource, "options"),
		.owner = read_document_pairs(arena, resource, "owner"),
		.config = read_document_pairs(arena, resource, "config"),
		.log_input_url = read_document_text(resource, "log_input_url"),
		.logplex_token = read_document_text(resource, "logplex_token"),
		.log_drain_token =
			read_document_text(resource, "log_drain_token"),
		.callback_url = read_document_text(resource, "callback_url"),
		.state = read_document_text(resource, "state"),
	};
}

static const struct provisor_user *read_document_user(struct arena *arena,
						      const struct json *object)
{
	struct provisor_user *user = arena_alloc(arena, sizeof *user);

	user->id = read_document_text(object, "id");
	user->email = read_document_text(object, "email");
	user->app = read_document_text(object, "app");
	return object ? user : NULL;
}

static const struct provisor_platform *
read_document_platform(struct arena *arena, const struct json *object)
{
	struct provisor_platform *platform =
		arena_alloc(arena, sizeof *platform);

	platform->url = read_document_text(object, "url");
	platform->access_token = read_document_text(object, "access_token");
	platform->expires_at = read_document_time(object, "expires_at");
	return object ? platform : NULL;
}

/* ---- the answer ---- */

/* Add pairs to object as a member called name, which is also an object.  Return
 * false after reporting a name that occurs twice or has no value. */
static bool write_pairs(struct arena *arena, struct json *object,
			const char *name, const struct provisor_pair *pairs)
{
	struct json *list = json_object(arena);

	for (; pairs && pairs->name; pairs++) {
		if (!pairs->value || json_member(list, pairs->name)) {
			fprintf(stderr, "%s has %s twice, or without a value\n",
				name, pairs->name);
			return false;
		}
		json_put_text(list, pairs->name, pairs->value);
	}
	json_put(object, name, list);
	return true;
}

/* Return the exit status of a hook with this verdict, or -1. */
static int status_of(enum provisor_verdict verdict)
{
	static const int statuses[] = {
		[PROVISOR_DONE] = EX_OK,
		[PROVISOR_REFUSED] = EX_DATAERR,
		[PROVISOR_PENDING] = EX_TEMPFAIL,
		[PROVISOR_FAILED] = EXIT_FAILURE,
		[PROVISOR_FAILED_FOR_GOOD] = EX_SOFTWARE,
	};

	if ((size_t)verdict < COUNT(statuses))
		return statuses[verdict];
	fprintf(stderr, "its function returned %d, which is not a verdict\n",
		(int)verdict);
	return -1;
}

/* Write the answer, and return the exit status. */
static int write_answer(const struct library_process *process,
			enum provisor_verdict verdict,
			const struct provisor_answer *answer)
{
	struct arena *arena = process->arena;
	struct json *object = json_object(arena);
	int status = status_of(verdict);
	bool is_valid = status >= 0;

	json_put_text(object, "id", answer->id);
	json_put_text(object, "message", answer->message);
	json_put_text(object, "log_drain_url", answer->log_drain_url);
	json_put_text(object, "redirect", answer->redirect);
	if (verdict == PROVISOR_PENDING)
		json_put_int(object, "retry_after", answer->retry_after);
	if (answer->config)
		is_valid &=
			write_pairs(arena, object, "config", answer->config);
	if (answer->session)
		is_valid &=
			write_pairs(arena, object, "session", answer->session);
	write_output(process, json_print(arena, object));
	return is_valid ? status : EXIT_FAILURE;
}

/* Write the answer of a library without a function for action. */
static int write_no_function(const struct library_process *process,
			     enum listener_action action, const char *state)
{
	enum resource_state named;
	bool is_named = state && resource_state_named(state, &named);
	const struct listener_answer missing = hook_answer_no_code(
		action, is_named ? named : RESOURCE_PROVISIONED);
	const struct provisor_answer answer = { .message = missing.message };

	return write_answer(process,
			    missing.verdict == LISTENER_REFUSED
				    ? PROVISOR_REFUSED
				    : PROVISOR_DONE,
			    &answer);
}

/* ---- one call ---- */

static provisor_function *
find_function(const struct provisor_listener *listener,
	      enum listener_action action)
{
	bool has_version_2 = listener->version >= 2;

	switch (action) {
	case LISTENER_PROVISION:
		return listener->provision;
	case LISTENER_CHANGE_PLAN:
		return listener->change_plan;
	case LISTENER_DEPROVISION:
		return listener->deprovision;
	case LISTENER_ROTATE:
		return listener->rotate;
	case LISTENER_SIGN_ON:
		return listener->sign_on;
	case LISTENER_SUSPEND:
		return has_version_2 ? listener->suspend : NULL;
	case LISTENER_RESUME:
		return has_version_2 ? listener->resume : NULL;
	case LISTENER_RESTORE:
		return has_version_2 ? listener->restore : NULL;
	case LISTENER_MOVE:
		return has_version_2 ? listener->move : NULL;
	case LISTENER_ACTIONS:
		break;
	}
	return NULL;
}

static int call_library(const struct library_process *process,
			enum listener_action action)
{
	const struct json *document = read_document(process);
	const struct provisor_resource resource = read_document_resource(
		process->arena, json_member(document, "resource"));
	const struct provisor_resource from = read_document_resource(
		process->arena, json_member(document, "from"));
	const struct provisor_call call = {
		.resource = &resource,
		.from = json_member(document, "from") ? &from : NULL,
		.user = read_document_user(process->arena,
					   json_member(document, "user")),
		.key = read_document_text(document, "key"),
		.attempt = read_document_number(document, "attempt"),
		.seconds = read_document_number(document, "seconds"),
		.deadline = read_document_time(document, "deadline"),
		.overlap = read_document_number(document, "overlap"),
		.is_signed = json_is_true(json_member(document, "signed")),
		.parameters = action == LISTENER_SIGN_ON ? read_document_pairs(
				      process->arena, document, "parameters")
							 : NULL,
		.platform = read_document_platform(
			process->arena, json_member(document, "platform")),
	};
	provisor_function *function = find_function(process->listener, action);
	struct provisor_answer answer = { 0 };
	enum provisor_verdict verdict;

	if (!function)
		return write_no_function(process, action, resource.state);
	verdict = function(&call, &answer);
	return write_answer(process, verdict, &answer);
}

void library_process_serve(int argc, char *argv[])
{
	struct library_process process = { .output = -1 };
	enum listener_action action;

	if (argc != 2 || strcmp(argv[0], LIBRARY_PROCESS_NAME) != 0)
		return;
	process.arena = arena_create();
	separate_outputs(&process);
	load_library(&process);
	if (listener_action_named(argv[1], &action))
		end_process(call_library(&process, action));
	write_output(&process, "{}");
	end_process(strcmp(argv[1], LIBRARY_PROCESS_LOAD) == 0 ? EXIT_SUCCESS
							       : EX_USAGE);
}
