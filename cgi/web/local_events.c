/*
 * local_events.c - the feed of events of the local API.
 */
#include "cgi/web/local.h"

#include <inttypes.h>
#include <signal.h>

#include "cgi/web/http.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/provider/event_feed.h"
#include "lib/provider/pool_share.h"
#include "lib/provider/provider.h"
#include "lib/text/json.h"

enum { LONGEST_WAIT = 25 /* s */ };

struct follower {
	struct exchange *x;
	int place; /* of pool_share_follow() */
};

/* Stop for a client that has gone, for other requests that need the worker, and
 * for a signal that ends it after the request. */
static bool may_wait(void *context)
{
	const struct follower *follower = context;
	sigset_t pending;

	return !http_has_hung_up(follower->x)
		&& !pool_share_is_wanted(follower->place)
		&& sigpending(&pending) == 0 && !sigismember(&pending, SIGTERM)
		&& !sigismember(&pending, SIGUSR1);
}

static enum outcome respond_events(struct exchange *x,
				   const struct provider_feed_query *query)
{
	struct provider_feed_page page;
	struct json *epoch = json_object(x->arena);
	enum outcome outcome =
		provider_read_feed(x->provider, x->arena, query, &page);

	if (outcome != OUTCOME_OK)
		return outcome;
	json_put_text(epoch, "epoch", page.epoch);
	x->response = local_write_page(
		x->arena, "events", &page.events,
		arena_printf(
			x->arena, "%" PRId64 ",\"epoch\":%s", page.next,
			json_print(x->arena, json_member(epoch, "epoch"))));
	return OUTCOME_OK;
}

enum outcome local_events(struct exchange *x, const char *id)
{
	static const char *const names[] = { "after", "limit", "addon", "wait",
					     NULL };
	struct form query;
	int64_t after = 0, limit = LOCAL_DEFAULT, wait = 0;
	struct follower follower = { x, -1 };
	bool follows;
	enum outcome outcome = local_read_query(x, names, &query);

	(void)id;
	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &query, "after", 0,
					    INT64_C(1) << 53, &after);
	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &query, "limit", 1, LOCAL_MOST,
					    &limit);
	if (outcome == OUTCOME_OK)
		outcome = local_read_number(x, &query, "wait", 0, LONGEST_WAIT,
					    &wait);
	if (outcome != OUTCOME_OK)
		return outcome;
	follows = wait > 0
		&& pool_share_follow(x->provider, x->arena, &follower.place);
	outcome = respond_events(
		x,
		&(struct provider_feed_query){
			.after = after,
			.addon = form_value(&query, "addon"),
			.limit = (int)limit,
			.wait_until = follows ? x->started + 1000 * wait : 0,
			.may_wait = may_wait,
			.context = &follower,
		});
	pool_share_end(follower.place);
	return outcome;
}
