#include "lib/listener/call_log.h"

#include <stdio.h>

#include "lib/addon/addon.h"
#include "lib/listener/listener.h"

void call_log(enum log_level level, const struct listener_call *call,
	      const char *hook, const char *text)
{
	char attempt[16] = "";

	if (!call) {
		log_fields(level,
			   (const struct log_field[]){ { "hook", hook },
						       { "msg", text },
						       { NULL, NULL } });
		return;
	}
	snprintf(attempt, sizeof attempt, "%d", call->attempt);
	log_fields(level,
		   (const struct log_field[]){
			   { "job", call->job },
			   { "action", listener_action_name(call->action) },
			   { "attempt", call->attempt > 0 ? attempt : NULL },
			   { "addon", call->addon->id },
			   { "resource", call->resource->id },
			   { "hook", hook },
			   { "msg", text },
			   { NULL, NULL } });
}
