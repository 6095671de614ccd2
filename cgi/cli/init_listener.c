#include "cgi/cli/init_listener.h"

#include <string.h>

#include "lib/base/arena.h"

/* clang-format off */
#define READ_CALL \
	"set -eu\n" \
	"call=$(cat)\n" \
	"get() {\n" \
	"	printf %s \"$call\" | jq -r \"$1 // empty\" # Debian has it as jq\n" \
	"}\n" \
	"id=$(get .resource.uuid)\n"

static const char provision[] =
	"#!/bin/sh\n"
	"# Makes a resource.  Standard input says which, standard output takes the answer,\n"
	"# and what goes to standard error is in the log; see provisor-listener(3).\n"
	"#\n"
	"# Same id, same resource: whatever is killed or lost, the same call comes again.\n"
	"# Finish then what the attempt before began, rather than make a second one.\n"
	READ_CALL
	"plan=$(get .resource.plan)\n"
	"\n"
	"# Not to be had?  The customer is told, now and each time:\n"
	"#	echo '{\"message\":\"There is no such plan.\"}'; exit 65\n"
	"# Begun, and not ready yet?  To be asked again in 30 s:\n"
	"#	echo '{\"retry_after\":30}'; exit 75\n"
	"# Any other exit status but 0 is a failure and is tried again; 70 is for good.\n"
	"\n"
	"echo \"not written yet: make $id on plan $plan\" >&2\n"
	"\n"
	"# Only what is answered at last is handed out, so it may differ each time.\n"
	"token=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \\n')\n"
	"\n"
	"printf '{\"config\":{\"%s\":\"%s\"},\"message\":\"%s\"}\\n' @PREFIX@_URL \\\n"
	"	\"https://example.com/$id?token=$token\" 'Your @TITLE@ is ready.'\n";

static const char change_plan[] =
	"#!/bin/sh\n"
	"# Changes a resource to .resource.plan, from .resource.old_plan.  \"config\" in the\n"
	"# answer is all config vars from now on; without it they stay as they were.\n"
	"# Without this file plans cannot be changed.\n"
	READ_CALL
	"\n"
	"echo \"not written yet: change $id to plan $(get .resource.plan)\" >&2\n"
	"\n"
	"echo '{\"message\":\"Your @TITLE@ is on its new plan.\"}'\n";

static const char deprovision[] =
	"#!/bin/sh\n"
	"# Removes a resource for good.  What is gone already, or was never made, is no\n"
	"# error.  Its config vars are in .resource.config.\n"
	READ_CALL
	"\n"
	"echo \"not written yet: remove $id\" >&2\n";

static const char sign_on[] =
	"#!/bin/sh\n"
	"# A customer, .user, has signed on to see a resource.  The answer may have\n"
	"# \"redirect\", the URL to go to, and \"session\", texts for your own application.\n"
	"# Without this file customers come to the dashboard.\n"
	READ_CALL
	"\n"
	"echo \"not written yet: $(get .user.email) comes to $id\" >&2\n";

static const char source[] =
	"/*\n"
	" * The listener of @TITLE@: see provisor-listener(3).  Build it in this folder with\n"
	" *\n"
	" *	cc -Wall -Wextra -O2 -shared -fPIC -o listener.so listener.c\n"
	" *\n"
	" * and again for a change: under another name, then renamed to listener.so.\n"
	" *\n"
	" * Same id, same resource: whatever is killed or lost, the same call comes again.\n"
	" * Finish then what the attempt before began, rather than make a second one.\n"
	" */\n"
	"#include <provisor/listener.h>\n"
	"\n"
	"#include <stdio.h>\n"
	"\n"
	"static enum provisor_verdict provision(const struct provisor_call *call,\n"
	"				       struct provisor_answer *answer)\n"
	"{\n"
	"	static char url[256];\n"
	"	static struct provisor_pair config[2];\n"
	"\n"
	"	/* What cannot be had:   answer->message = \"…\"; return PROVISOR_REFUSED;\n"
	"	 * What is not ready:    answer->retry_after = 30; return PROVISOR_PENDING;\n"
	"	 * What has gone wrong:  return PROVISOR_FAILED;\n"
	"	 * Standard error is provisor's log. */\n"
	"	fprintf(stderr, \"not written yet: make %s on plan %s\\n\", call->resource->uuid,\n"
	"		call->resource->plan);\n"
	"\n"
	"	snprintf(url, sizeof url, \"https://example.com/%s\",\n"
	"		 call->resource->uuid);\n"
	"	config[0] = (struct provisor_pair){ \"@PREFIX@_URL\", url };\n"
	"	answer->config = config;\n"
	"	answer->message = \"Your @TITLE@ is ready.\";\n"
	"	return PROVISOR_DONE;\n"
	"}\n"
	"\n"
	"/* From call->resource->old_plan; without config the config vars stay. */\n"
	"static enum provisor_verdict change_plan(const struct provisor_call *call,\n"
	"					 struct provisor_answer *answer)\n"
	"{\n"
	"	fprintf(stderr, \"not written yet: change %s to plan %s\\n\", call->resource->uuid,\n"
	"		call->resource->plan);\n"
	"	answer->message = \"Your @TITLE@ is on its new plan.\";\n"
	"	return PROVISOR_DONE;\n"
	"}\n"
	"\n"
	"/* What is gone already, or was never made, is no error. */\n"
	"static enum provisor_verdict deprovision(const struct provisor_call *call,\n"
	"					 struct provisor_answer *answer)\n"
	"{\n"
	"	(void)answer;\n"
	"	fprintf(stderr, \"not written yet: remove %s\\n\", call->resource->uuid);\n"
	"	return PROVISOR_DONE;\n"
	"}\n"
	"\n"
	"const struct provisor_listener provisor_listener = {\n"
	"	.version = PROVISOR_LISTENER_VERSION,\n"
	"	.provision = provision,\n"
	"	.change_plan = change_plan,\n"
	"	.deprovision = deprovision,\n"
	"};\n";
/* clang-format on */

/* text with put in each place where found is. */
static const char *replace(struct arena *arena, const char *text,
			   const char *found, const char *put)
{
	const char *at = strstr(text, found);

	if (!at)
		return text;
	return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, put,
			    replace(arena, at + strlen(found), found, put));
}

static const char *fill(struct arena *arena, const char *text,
			const char *prefix, const char *title)
{
	return replace(arena, replace(arena, text, "@PREFIX@", prefix),
		       "@TITLE@", title);
}

const char *init_listener_hook(struct arena *arena, enum listener_action action,
			       const char *prefix, const char *title)
{
	static const char *const hooks[LISTENER_ACTIONS] = {
		[LISTENER_PROVISION] = provision,
		[LISTENER_CHANGE_PLAN] = change_plan,
		[LISTENER_DEPROVISION] = deprovision,
		[LISTENER_SIGN_ON] = sign_on,
	};

	return fill(arena, hooks[action], prefix, title);
}

const char *init_listener_source(struct arena *arena, const char *prefix,
				 const char *title)
{
	return fill(arena, source, prefix, title);
}
