#include "lib/provider/notification.h"

#include <inttypes.h>
#include <string.h>

#include "lib/addon/addon.h"
#include "lib/base/arena.h"
#include "lib/base/clock.h"
#include "lib/base/crash_point.h"
#include "lib/base/log.h"
#include "lib/provider/call.h"
#include "lib/provider/suspension.h"
#include "lib/store/event_add.h"
#include "lib/store/notification.h"
#include "lib/text/json.h"

enum {
	MOST_AHEAD = 24 * 3600
}; /* s by which the marketplace's clock may be
      ahead of ours */

static const char suspended[] = "suspended";

/* What is stored of each event.  For a change of plan it is the plan. */
static const struct subject {
	const char *name;
	const char *reported;
} subjects[] = {
	[DIALECT_SUSPENDED] = { "suspension", suspended },
	[DIALECT_RESUMED] = { "suspension", "resumed" },
	[DIALECT_DEPROVISIONED] = { "deprovision", "deprovisioned" },
	[DIALECT_PLAN_CHANGED] = { "plan", NULL },
};

/* A notification about one resource. */
struct report {
	struct provider *provider;
	struct provider_call call; /* its arena is for this resource */
	const struct dialect_notification *notification;
	const char *key; /* the marketplace's id */
	struct resource resource;
	bool is_unknown; /* no resource has the key */
};

/* ---- carrying out ---- */

/* The marketplace has changed the plan already, so the operator has to find out
 * what the customer gets. */
static enum outcome note_refused_plan(struct report *report, const char *plan)
{
	struct provider_call *call = &report->call;
	const struct resource_actor actor = provider_actor(call);
	struct json *after = json_object(call->arena);

	log_warning("%s has changed the plan of %s to %s, but here it stays "
		    "%s: %s",
		    actor.name, report->resource.id, plan,
		    report->resource.plan,
		    call->failure ? call->failure : "it was refused");
	json_put_text(after, "plan", plan);
	json_put_text(after, "message", call->failure);
	return event_add(report->provider->db, call->arena, report->resource.id,
			 "plan-change-refused", &actor,
			 json_print(call->arena, after));
}

static enum outcome change_reported_plan(struct report *report,
					 const char *plan)
{
	struct provider_call *call = &report->call;
	struct dialect_response response;
	enum outcome outcome;

	if (strcmp(report->resource.plan, plan) == 0)
		return OUTCOME_OK;
	call->keeps = true;
	outcome = provider_change_plan(report->provider, call, report->key,
				       plan, &response);
	if (outcome == OUTCOME_INVALID)
		return note_refused_plan(report, plan);
	return outcome == OUTCOME_ACCEPTED
			|| (outcome == OUTCOME_UNAVAILABLE
			    && call->is_left_to_job)
		? OUTCOME_OK
		: outcome;
}

/* Carry out what is stored, which may have come with another notification. */
static enum outcome carry_out_report(struct report *report,
				     const struct notification *stored)
{
	const enum dialect_event event = report->notification->event;
	enum outcome outcome;

	if (event == DIALECT_DEPROVISIONED)
		outcome =
			provider_deprovision_id(report->provider, &report->call,
						report->resource.id, true);
	else if (event == DIALECT_PLAN_CHANGED)
		outcome = change_reported_plan(report, stored->reported);
	else
		outcome = provider_suspend_for_marketplace(
			report->provider, &report->call, report->key,
			strcmp(stored->reported, suspended) == 0);
	crash_point("notification", "carried-out");
	return outcome == OUTCOME_GONE ? OUTCOME_OK : outcome;
}

/*
 * Carry out the stored notification unless that is done.  Another process may
 * meanwhile store and carry out a newer one, and its effect may come before
 * that of the older one: then the newer one is carried out again.
 */
static enum outcome carry_out_stored(struct report *report,
				     const struct subject *subject)
{
	struct db *db = report->provider->db;
	struct arena *arena = report->call.arena;
	struct notification stored;
	bool found, is_overtaken = false, done = false;

	while (clock_now() < report->call.deadline) {
		enum outcome outcome =
			notification_get(db, arena, report->resource.id,
					 subject->name, &stored, &found);

		if (outcome != OUTCOME_OK || !found
		    || (stored.is_handled && !is_overtaken))
			return outcome;
		crash_point("notification", "found");
		outcome = carry_out_report(report, &stored);
		if (outcome == OUTCOME_OK)
			outcome =
				notification_finish(db, arena, &stored, &done);
		if (outcome != OUTCOME_OK || done)
			return outcome;
		is_overtaken = true;
	}
	return OUTCOME_UNAVAILABLE;
}

static enum outcome store_report(struct report *report,
				 const struct subject *subject)
{
	const struct notification notification = {
		.resource = report->resource.id,
		.subject = subject->name,
		.created_at = report->notification->created_at,
		.reported = subject->reported ? subject->reported
					      : report->notification->plan,
	};
	enum outcome outcome = notification_store(
		report->provider->db, report->call.arena, &notification);

	crash_point("notification", "stored");
	return outcome;
}

/* ---- one resource ---- */

static enum outcome report_unknown(struct report *report)
{
	struct provider_call *call = &report->call;
	enum outcome outcome =
		report->notification->event == DIALECT_DEPROVISIONED
		? provider_deprovision(report->provider, call, report->key)
		: provider_refuse_unknown(report->provider, call, report->key,
					  call->addon->dialect->path_has_key);

	report->is_unknown = true;
	return outcome == OUTCOME_GONE || outcome == OUTCOME_NOT_FOUND
		? OUTCOME_OK
		: outcome;
}

/* Return true if the state of the resource allows what is reported, or will. */
static bool concerns_resource(const struct report *report)
{
	if (resource_is_gone(&report->resource))
		return false;
	return report->notification->event == DIALECT_DEPROVISIONED
		|| resource_is_live(&report->resource);
}

static enum outcome report_one(struct report *report)
{
	const struct subject *subject = &subjects[report->notification->event];
	bool found;
	enum outcome outcome =
		provider_find(report->provider, &report->call, report->key,
			      report->call.addon->dialect->path_has_key,
			      &report->resource, &found);

	if (outcome == OUTCOME_OK && !found)
		return report_unknown(report);
	if (outcome != OUTCOME_OK || !concerns_resource(report))
		return outcome;
	outcome = store_report(report, subject);
	if (outcome != OUTCOME_OK)
		return outcome;
	if (report->resource.state == RESOURCE_PROVISIONING
	    && report->notification->event != DIALECT_DEPROVISIONED)
		return OUTCOME_UNAVAILABLE;
	return carry_out_stored(report, subject);
}

/* ---- all of them ---- */

static enum outcome report_key(struct provider *provider,
			       struct provider_call *call,
			       const struct dialect_notification *notification,
			       const char *key, int *unknown)
{
	struct arena *arena = arena_create_small();
	struct report report = {
		.provider = provider,
		.call = *call,
		.notification = notification,
	};
	char uuid[UUID_LENGTH + 1];
	enum outcome outcome;

	report.call.arena = arena;
	report.key = uuid_read(key, uuid) ? uuid : key;
	outcome = report_one(&report);
	*unknown += report.is_unknown && outcome == OUTCOME_OK;
	if (report.call.resource_id)
		call->resource_id =
			arena_strdup(call->arena, report.call.resource_id);
	arena_destroy(arena);
	return outcome;
}

static enum outcome report_all(struct provider *provider,
			       struct provider_call *call,
			       const struct dialect_notification *notification)
{
	const struct json *key;
	enum outcome worst = OUTCOME_OK;
	int unknown = 0;

	for (key = json_first(notification->keys); key; key = json_next(key)) {
		enum outcome outcome = clock_now() < call->deadline
			? report_key(provider, call, notification,
				     json_text(key), &unknown)
			: OUTCOME_UNAVAILABLE;

		if (outcome != OUTCOME_OK)
			worst = outcome;
	}
	if (unknown > 0)
		log_info("%d of the resources in a notification of %s (%s) are "
			 "unknown; it has %d",
			 unknown, call->addon->dialect->marketplace,
			 notification->type, json_count(notification->keys));
	return worst;
}

enum outcome provider_notify(struct provider *provider,
			     struct provider_call *call,
			     const struct dialect_notification *notification)
{
	if (!call->addon->is_valid)
		return OUTCOME_UNAVAILABLE;
	if (notification->created_at > clock_wall() / 1000 + MOST_AHEAD)
		return provider_fail(call, OUTCOME_INVALID,
				     "\"created_at\" is in the future.");
	if (notification->event == DIALECT_PLAN_CHANGED && !notification->plan)
		return OUTCOME_OK;
	if (notification->event != DIALECT_NO_EVENT)
		return report_all(provider, call, notification);
	log_info("a notification of %s is ignored: provisor does not know the "
		 "type \"%s\"",
		 call->addon->dialect->marketplace, notification->type);
	return OUTCOME_OK;
}
