/*
 * library.c - serves one call to a listener.so, in a process of its own.
 *
 * It is what hook_run() starts for a library: it reads the document that a hook
 * would get, calls the library, and answers and ends as a hook would.
 */
#include "lib/listener/hook.h"

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
#include "lib/listener/hook_command.h"
#include "lib/listener/hook_protocol.h"
#include "lib/text/json.h"
#include "lib/listener/provisor_listener.h"

enum { CHUNK = 16 * 1024 };

struct serving {
	struct arena *arena;
	const char *action;
	int answer; /* the descriptor */
	const struct provisor_listener *listener;
};

static void answer(const struct serving *s, const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		ssize_t written = write(s->answer, text, length);

		if (written < 0 && errno != EINTR)
			return;
		if (written > 0) {
			text += written;
			length -= (size_t)written;
		}
	}
}

_Noreturn static void end(int status)
{
	fflush(NULL);
	_exit(status);
}

_Noreturn static void refuse(const struct serving *s, const char *why)
{
	answer(s, why);
	end(HOOK_UNUSABLE);
}

/* ---- the library ---- */

/* What it writes to standard output must not become part of the answer. */
static void part_outputs(struct serving *s)
{
	s->answer = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	dup2(STDERR_FILENO, STDOUT_FILENO);
}

static void load(struct serving *s)
{
	void *library = dlopen("./listener.so", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		refuse(s,
		       arena_printf(s->arena,
				    "cannot be loaded (%s): build it anew, "
				    "and install the libraries it needs",
				    dlerror()));
	s->listener = dlsym(library, "provisor_listener");
	if (!s->listener)
		refuse(s,
		       "does not define provisor_listener: define it as "
		       "provisor/listener.h says, and export it");
	if (s->listener->version != PROVISOR_LISTENER_VERSION)
		refuse(s,
		       arena_printf(s->arena,
				    "is of version %u, and this provisor "
				    "serves version %d: build it anew with "
				    "its provisor/listener.h",
				    s->listener->version,
				    PROVISOR_LISTENER_VERSION));
	if (!s->listener->provision)
		refuse(s,
		       "its provision is NULL: every listener must have "
		       "one");
}

/* ---- what it is told ---- */

static const char *read_input(struct arena *arena, size_t *length)
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

static const struct json *read_document(const struct serving *s)
{
	size_t length;
	const char *text = read_input(s->arena, &length);
	const char *why;
	const struct json *document = json_parse(s->arena, text, length, &why);

	if (!document)
		refuse(s, "was not asked in JSON");
	return document;
}

static const char *text_of(const struct json *object, const char *name)
{
	return json_text(json_member(object, name));
}

static int number_of(const struct json *object, const char *name)
{
	return (int)json_integer(json_member(object, name), 0);
}

static const struct provisor_pair *
pairs_of(struct arena *arena, const struct json *object, const char *name)
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

static struct provisor_resource read_resource(struct arena *arena,
					      const struct json *resource)
{
	return (struct provisor_resource){
		.id = text_of(resource, "id"),
		.uuid = text_of(resource, "uuid"),
		.marketplace = text_of(resource, "marketplace"),
		.addon = text_of(resource, "addon"),
		.plan = text_of(resource, "plan"),
		.old_plan = text_of(resource, "old_plan"),
		.region = text_of(resource, "region"),
		.name = text_of(resource, "name"),
		.options = pairs_of(arena, resource, "options"),
		.owner = pairs_of(arena, resource, "owner"),
		.config = pairs_of(arena, resource, "config"),
		.log_input_url = text_of(resource, "log_input_url"),
	};
}

/* ---- what it answers ---- */

/* False, when a name is there twice or a value is missing. */
static bool put_pairs(struct arena *arena, struct json *object,
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

static int tell(const struct serving *s, enum provisor_verdict verdict,
		const struct provisor_answer *told)
{
	static const int statuses[] = {
		[PROVISOR_DONE] = EX_OK,
		[PROVISOR_REFUSED] = EX_DATAERR,
		[PROVISOR_PENDING] = EX_TEMPFAIL,
		[PROVISOR_FAILED] = EXIT_FAILURE,
		[PROVISOR_FAILED_FOR_GOOD] = EX_SOFTWARE,
	};
	struct json *object = json_object(s->arena);
	bool is_well = (size_t)verdict < COUNT(statuses);

	if (!is_well)
		fprintf(stderr, "%s returned %d, which is no verdict\n",
			s->action, (int)verdict);
	json_put_text(object, "message", told->message);
	json_put_text(object, "log_drain_url", told->log_drain_url);
	json_put_text(object, "redirect", told->redirect);
	if (verdict == PROVISOR_PENDING)
		json_put_int(object, "retry_after", told->retry_after);
	if (told->config)
		is_well &= put_pairs(s->arena, object, "config", told->config);
	if (told->session)
		is_well &=
			put_pairs(s->arena, object, "session", told->session);
	answer(s, json_print(s->arena, object));
	return is_well ? statuses[verdict] : EXIT_FAILURE;
}

/* ---- serving ---- */

static provisor_function *function_for(const struct serving *s,
				       enum hook_action action)
{
	switch (action) {
	case HOOK_PROVISION:
		return s->listener->provision;
	case HOOK_CHANGE_PLAN:
		return s->listener->change_plan;
	case HOOK_DEPROVISION:
		return s->listener->deprovision;
	case HOOK_ROTATE:
		return s->listener->rotate;
	default:
		return s->listener->sign_on;
	}
}

static int call(const struct serving *s, enum hook_action action)
{
	const struct json *document = read_document(s);
	const struct json *user = json_member(document, "user");
	const struct provisor_resource resource =
		read_resource(s->arena, json_member(document, "resource"));
	const struct provisor_user who = {
		.id = text_of(user, "id"),
		.email = text_of(user, "email"),
		.app = text_of(user, "app"),
	};
	const struct provisor_call asked = {
		.resource = &resource,
		.user = user ? &who : NULL,
		.key = text_of(document, "key"),
		.attempt = number_of(document, "attempt"),
		.seconds = number_of(document, "seconds"),
		.overlap = number_of(document, "overlap"),
	};
	provisor_function *function = function_for(s, action);
	struct provisor_answer told = { 0 };
	enum provisor_verdict verdict = PROVISOR_DONE;

	if (function) {
		verdict = function(&asked, &told);
	} else if (action == HOOK_CHANGE_PLAN) {
		verdict = PROVISOR_REFUSED;
		told.message = hook_no_change;
	} else if (action == HOOK_ROTATE) {
		verdict = PROVISOR_REFUSED;
		told.message = hook_no_rotation;
	}
	return tell(s, verdict, &told);
}

void hook_serve(int argc, char *argv[])
{
	struct serving s = { .answer = -1 };
	enum hook_action action;

	if (argc != 2 || strcmp(argv[0], HOOK_SERVANT) != 0)
		return;
	s.arena = arena_create();
	s.action = argv[1];
	part_outputs(&s);
	load(&s);
	if (hook_action_named(s.action, &action))
		end(call(&s, action));
	answer(&s, "{}");
	end(strcmp(s.action, HOOK_LOAD) == 0 ? EXIT_SUCCESS : EX_USAGE);
}
