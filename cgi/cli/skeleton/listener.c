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

/* To call the marketplace's API, set "platform" in settings.json to true:
 * call->platform then has the resource's token. */

/*
 * To refuse the request, now and whenever it is repeated:
 *	answer->message = "There is no such plan."; return PROVISOR_REFUSED;
 * To be called again in 30 seconds, because the work is not complete:
 *	answer->retry_after = 30; answer->message = "It takes a minute.";
 *	return PROVISOR_PENDING;
 * Without a message, the customer gets "pending_message" of settings.json.
 * After a failure, so that provisor retries:
 *	return PROVISOR_FAILED;
 * Standard error is logged.
 *
 * If you have ids of your own, set answer->id: it becomes resource->id.
 *
 * If the manifest's "requires" has "syslog_drain", set answer->log_drain_url.
 * resource->log_drain_token tells whose lines arrive there.
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
 * replaces all config vars.  If call->resource->state is "suspended", the
 * resource must stay out of use. */
static enum provisor_verdict change_plan(const struct provisor_call *call,
					 struct provisor_answer *answer)
{
	fprintf(stderr, "not implemented: change %s to plan %s\n",
		call->resource->uuid, call->resource->plan);
	answer->message = "Your @TITLE@ is on its new plan.";
	return PROVISOR_DONE;
}

/* A resource that is already gone, or was never created, is not an error.  With
 * "keep" in settings.json, this is called when that time is over, and suspend
 * at once. */
static enum provisor_verdict deprovision(const struct provisor_call *call,
					 struct provisor_answer *answer)
{
	(void)answer;
	fprintf(stderr, "not implemented: remove %s\n", call->resource->uuid);
	return PROVISOR_DONE;
}

/* Take the resource out of use without losing anything.  This cannot be
 * refused.  Its state is "suspended", or "kept" if its customer has removed
 * it. */
static enum provisor_verdict suspend(const struct provisor_call *call,
				     struct provisor_answer *answer)
{
	(void)answer;
	fprintf(stderr, "not implemented: take %s out of use\n",
		call->resource->uuid);
	return PROVISOR_DONE;
}

/* Put it into use again, with its plan and the credentials in its config.  This
 * cannot be refused. */
static enum provisor_verdict resume(const struct provisor_call *call,
				    struct provisor_answer *answer)
{
	(void)answer;
	fprintf(stderr, "not implemented: put %s into use\n",
		call->resource->uuid);
	return PROVISOR_DONE;
}

/* Give call->resource, which is new, the content that call->from had before its
 * customer removed it, and set answer->config.  From then on everything belongs
 * to call->resource: deprovision is called for it alone.  After a refusal both
 * stay as they are. */
static enum provisor_verdict restore(const struct provisor_call *call,
				     struct provisor_answer *answer)
{
	fprintf(stderr, "not implemented: give %s the content of %s\n",
		call->resource->uuid, call->from->uuid);
	answer->message = "This add-on cannot restore a resource yet.";
	return PROVISOR_REFUSED;
}

const struct provisor_listener provisor_listener = {
	.version = PROVISOR_LISTENER_VERSION,
	.provision = provision,
	.change_plan = change_plan,
	.deprovision = deprovision,
	.suspend = suspend,
	.resume = resume,
	.restore = restore,
};
