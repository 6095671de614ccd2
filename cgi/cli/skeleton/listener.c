/*
 * The listener of @TITLE@.  provisor-listener(3) describes its interface.
 *
 * Build it in this folder:
 *
 *	cc -Wall -Wextra -O2 -shared -fPIC -o listener.so listener.c
 *
 * To replace it while provisor runs, build it under another name and rename
 * it to listener.so.
 *
 * After a crash or a lost response, the same call comes again.  Then complete
 * what the previous attempt began; do not create a second resource for the
 * same id.
 */
#include <provisor/listener.h>

#include <stdio.h>

/*
 * To refuse the request, now and whenever it is repeated:
 *	answer->message = "There is no such plan."; return PROVISOR_REFUSED;
 * To be called again in 30 seconds, because the work is not complete:
 *	answer->retry_after = 30; return PROVISOR_PENDING;
 * After a failure, so that provisor retries:
 *	return PROVISOR_FAILED;
 * Standard error is logged.
 */
static enum provisor_verdict provision(const struct provisor_call *call,
				       struct provisor_answer *answer)
{
	static char url[256];
	static struct provisor_pair config[2];

	fprintf(stderr, "not implemented: create %s on plan %s\n",
		call->resource->uuid, call->resource->plan);

	snprintf(url, sizeof url, "https://example.com/%s",
		 call->resource->uuid);
	config[0] = (struct provisor_pair){ "@PREFIX@_URL", url };
	answer->config = config;
	answer->message = "Your @TITLE@ is ready.";
	return PROVISOR_DONE;
}

/* call->resource->old_plan is the previous plan.  If answer->config is set, it
 * replaces all config vars. */
static enum provisor_verdict change_plan(const struct provisor_call *call,
					 struct provisor_answer *answer)
{
	fprintf(stderr, "not implemented: change %s to plan %s\n",
		call->resource->uuid, call->resource->plan);
	answer->message = "Your @TITLE@ is on its new plan.";
	return PROVISOR_DONE;
}

/* A resource that is already gone, or was never created, is not an error. */
static enum provisor_verdict deprovision(const struct provisor_call *call,
					 struct provisor_answer *answer)
{
	(void)answer;
	fprintf(stderr, "not implemented: remove %s\n", call->resource->uuid);
	return PROVISOR_DONE;
}

const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
	.change_plan = change_plan,
	.deprovision = deprovision,
};
