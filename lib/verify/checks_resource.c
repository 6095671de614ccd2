/*
 * checks_resource.c - the life of a resource: created once, however often and
 * at the same time; changed; deprovisioned for good.
 */
#include "lib/verify/session.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/base.h"
#include "lib/text/json.h"
#include "lib/verify/verdict.h"

#define PROVISION "Add-on Partner API: provision"
#define PLAN_CHANGE "Add-on Partner API: plan change"
#define DEPROVISION "Add-on Partner API: deprovision"

enum { AT_ONCE = 8 };

static const char unknown_plan[] = "verify-no-such-plan";

/* ---- create ---- */

static bool are_equal_configs(struct verify *v, const struct json *a,
			      const struct json *b)
{
	return json_is_object(a) && json_is_object(b)
		&& strcmp(json_print(v->arena, json_sorted(v->arena, a)),
			  json_print(v->arena, json_sorted(v->arena, b)))
		== 0;
}

static void check_create(struct verify *v)
{
	struct verify_resource *r = verify_new_resource(v);
	const struct verify_reply reply =
		verify_create(v, r, v->provider->plan);

	if (r->is_promised && !v->provider->marketplace) {
		verify_expect(v, false,
			      "200 or 201, or option --listen to follow 202",
			      "202");
		return;
	}
	verify_expect_status(v, &reply, "200 201 202");
	if (!verify_is_success(&reply))
		return;
	v->main = r;
	v->config = r->is_promised ? verify_await_end(v, r)->config
				   : json_member(reply.json, "config");
}

/* Read the main resource again, as a repeated request does. */
static struct verify_reply repeat(struct verify *v)
{
	return verify_call(v, "POST", NULL,
			   verify_body(v, v->main, v->provider->plan));
}

static void check_type(struct verify *v)
{
	struct verify_resource *r = verify_new_resource(v);
	const struct verify_reply reply =
		verify_create(v, r, v->provider->plan);

	verify_expect(v, verify_has_json_type(&reply),
		      "a body of the type application/json",
		      reply.type ? reply.type : verify_describe(v, &reply));
}

static void check_id(struct verify *v)
{
	verify_expect(v,
		      v->main->id && *v->main->id && strlen(v->main->id) <= 255,
		      "an \"id\" of 1 to 255 characters",
		      v->main->id ? v->main->id : "none");
}

static void check_config(struct verify *v)
{
	verify_expect(v, json_is_object(v->config), "\"config\" is an object",
		      verify_describe_config(v, v->config));
}

static void check_values(struct verify *v)
{
	verify_expect(
		v, !json_is_object(v->config) || json_is_text_object(v->config),
		"only strings in \"config\"",
		verify_describe_config(v, v->config));
}

static void check_names(struct verify *v)
{
	const struct json *var =
		json_is_object(v->config) ? json_first(v->config) : NULL;

	for (; var; var = json_next(var))
		verify_expect(
			v,
			json_has_text(v->provider->config_vars, json_name(var)),
			"only config vars of the manifest", json_name(var));
}

static void check_unknown_plan(struct verify *v)
{
	const struct verify_reply reply =
		verify_create(v, verify_new_resource(v), unknown_plan);

	verify_expect_refusal(v, &reply, "400 422");
}

static void check_unknown_member(struct verify *v)
{
	struct verify_resource *r = verify_new_resource(v);
	struct json *document = verify_document(v, r, v->provider->plan);
	struct verify_reply reply;

	json_put_text(document, "verify_new_member", "x");
	reply = verify_call(v, "POST", NULL, json_print(v->arena, document));
	verify_expect_status(v, &reply, "200 201 202");
}

/* ---- repeats ---- */

static void check_repeat_status(struct verify *v)
{
	const struct verify_reply reply = repeat(v);

	verify_expect_status(v, &reply,
			     v->main->is_promised ? "200 201 202" : "200 201");
}

static const char *id_of(struct verify *v, const struct verify_reply *reply)
{
	const char *id = verify_id(v, reply);

	return id ? id : "none";
}

static void check_repeat_id(struct verify *v)
{
	const struct verify_reply reply = repeat(v);
	const char *expected = v->main->id ? v->main->id : "of the create";

	verify_expect(v, strcmp(id_of(v, &reply), expected) == 0,
		      arena_join(v->arena, "the id ", expected),
		      id_of(v, &reply));
}

static void check_repeat_config(struct verify *v)
{
	const struct verify_reply reply = repeat(v);
	const struct json *config = json_member(reply.json, "config");

	if (v->main->is_promised && !config)
		return; /* it was set in a call */
	verify_expect(v, are_equal_configs(v, config, v->config),
		      "the config vars of the first response",
		      json_is_object(config)
			      ? "other values or names"
			      : verify_describe_config(v, config));
}

/* A request that loses the race may be told to try again. */
static void check_at_once(struct verify *v)
{
	struct verify_resource *r = verify_new_resource(v);
	const struct verify_reply *replies =
		verify_create_at_once(v, r, AT_ONCE);
	const char *first = NULL;

	for (int i = 0; i < AT_ONCE; i++) {
		const char *id = id_of(v, &replies[i]);

		if (!verify_is_success(&replies[i])) {
			verify_expect_status(v, &replies[i], "409 429 503");
			continue;
		}
		verify_expect(
			v, !first || strcmp(first, id) == 0,
			"one id in all responses",
			arena_join(v->arena, first ? first : "", " and ", id));
		first = id;
	}
	verify_expect(v, first, "at least one success", "none");
}

static void check_contradiction(struct verify *v)
{
	const struct verify_reply reply =
		verify_call(v, "POST", NULL,
			    verify_body(v, v->main, v->provider->other_plan));

	verify_expect_status(v, &reply, "409 422");
}

/* ---- plan change ---- */

static const char *plan_body(struct verify *v, const char *plan)
{
	struct json *document = json_object(v->arena);

	json_put_text(document, "plan", plan);
	return json_print(v->arena, document);
}

static struct verify_reply send_plan_change(struct verify *v,
					    const struct verify_resource *r,
					    const char *plan)
{
	return verify_call(v, "PUT", verify_path(v, r), plan_body(v, plan));
}

static void check_change(struct verify *v)
{
	const struct verify_reply reply =
		send_plan_change(v, v->main, v->provider->other_plan);

	verify_expect_status(v, &reply, "200 202");
}

static void check_change_id(struct verify *v)
{
	const struct verify_reply reply =
		send_plan_change(v, v->main, v->provider->other_plan);
	const char *id = verify_id(v, &reply);

	verify_expect(v, !id || (v->main->id && strcmp(id, v->main->id) == 0),
		      "the same id, or none", id ? id : "none");
}

static void check_same_plan(struct verify *v)
{
	const char *plan = v->provider->other_plan ? v->provider->other_plan
						   : v->provider->plan;
	const struct verify_reply reply = send_plan_change(v, v->main, plan);

	verify_expect_status(v, &reply, "200 202");
}

static void check_change_to_unknown(struct verify *v)
{
	const struct verify_reply reply =
		send_plan_change(v, v->main, unknown_plan);

	verify_expect_refusal(v, &reply, "400 422");
}

static void check_change_of_unknown(struct verify *v)
{
	const struct verify_reply reply =
		send_plan_change(v, verify_new_resource(v), v->provider->plan);

	verify_expect_status(v, &reply, "404 410");
}

static void check_change_body(struct verify *v)
{
	const struct verify_reply reply =
		verify_call(v, "PUT", verify_path(v, v->main), "{\"plan\":");

	verify_expect_status(v, &reply, "400 422");
}

/* ---- deprovision ---- */

static struct verify_reply send_deprovision(struct verify *v,
					    const struct verify_resource *r)
{
	return verify_call(v, "DELETE", verify_path(v, r), NULL);
}

static void check_deprovision(struct verify *v)
{
	struct verify_resource *r = verify_new_resource(v);
	const struct verify_reply created =
		verify_create(v, r, v->provider->plan);
	struct verify_reply reply;

	verify_expect_status(v, &created, "200 201 202");
	if (r->is_promised && v->provider->marketplace)
		(void)verify_await_end(v, r);
	reply = send_deprovision(v, r);
	verify_expect_status(v, &reply, "200 204");
	if (verify_is_success(&reply))
		v->removed = r;
}

static void check_repeat_deprovision(struct verify *v)
{
	const struct verify_reply reply = send_deprovision(v, v->removed);

	verify_expect_status(v, &reply, "410");
}

static void check_deprovision_unknown(struct verify *v)
{
	const struct verify_reply reply =
		send_deprovision(v, verify_new_resource(v));

	verify_expect_status(v, &reply, "404 410");
}

static void check_create_after(struct verify *v)
{
	const struct verify_reply reply =
		verify_create(v, v->removed, v->provider->plan);

	verify_expect_status(v, &reply, "410 422");
}

static void check_change_after(struct verify *v)
{
	const struct verify_reply reply =
		send_plan_change(v, v->removed, v->provider->plan);

	verify_expect_status(v, &reply, "404 410 422");
}

/* The create was delayed, and the customer has given up meanwhile. */
static void check_late_create(struct verify *v)
{
	struct verify_resource *r = verify_new_resource(v);
	const struct verify_reply removed = send_deprovision(v, r);
	const struct verify_reply reply =
		verify_create(v, r, v->provider->plan);

	(void)removed;
	verify_expect_status(v, &reply, "410 422");
}

/* ---- times ---- */

static void check_limit(struct verify *v)
{
	int64_t longest = 0;

	for (int i = 0; i < v->time_count; i++)
		longest = v->times[i] > longest ? v->times[i] : longest;
	verify_expect(v, longest <= v->provider->limit,
		      arena_printf(v->arena, "each response within %d ms",
				   (int)v->provider->limit),
		      arena_printf(v->arena, "one after %d ms", (int)longest));
}

/* clang-format off */
const struct verify_check verify_resource_checks[] = {
	{ CHECK("create.status", "a create succeeds", PROVISION, check_create) },
	{ CHECK("create.type", "its response is JSON", PROVISION, check_type), .needs_main = true },
	{ CHECK("create.id", "its response has the provider's id", PROVISION, check_id), .needs_main = true },
	{ CHECK("create.config", "its response has config vars", PROVISION, check_config), .needs_main = true },
	{ CHECK("create.values", "values of config vars are strings", PROVISION, check_values), .needs_main = true },
	{ CHECK("create.names", "the manifest declares all config vars", "manifest: api.config_vars", check_names), .needs_main = true },
	{ CHECK("create.plan", "an unknown plan is refused", PROVISION, check_unknown_plan) },
	{ CHECK("body.unknown", "an unknown member is ignored", PROVISION, check_unknown_member) },
	{ CHECK("replay.status", "a repeated create succeeds", AT_LEAST_ONCE, check_repeat_status), .needs_main = true },
	{ CHECK("replay.id", "a repeated create gets the same id", AT_LEAST_ONCE, check_repeat_id), .needs_main = true },
	{ CHECK("replay.config", "a repeated create gets the same config vars", AT_LEAST_ONCE, check_repeat_config), .needs_main = true },
	{ CHECK("concurrent.create", "equal creates at the same time make one resource", AT_LEAST_ONCE, check_at_once) },
	{ CHECK("contradiction.plan", "a create with the same id and another plan is refused", AT_LEAST_ONCE, check_contradiction), .needs_main = true, .needs_other_plan = true },
	{ CHECK("plan.change", "the plan can be changed", PLAN_CHANGE, check_change), .needs_main = true, .needs_other_plan = true },
	{ CHECK("plan.id", "a plan change keeps the id", PLAN_CHANGE, check_change_id), .needs_main = true, .needs_other_plan = true },
	{ CHECK("plan.same", "a change to the present plan succeeds", PLAN_CHANGE, check_same_plan), .needs_main = true },
	{ CHECK("plan.unknown", "a change to an unknown plan is refused", PLAN_CHANGE, check_change_to_unknown), .needs_main = true },
	{ CHECK("plan.missing", "a plan change of an unknown resource gets 404 or 410", PLAN_CHANGE, check_change_of_unknown) },
	{ CHECK("plan.body", "a malformed body of a plan change gets 400 or 422", PLAN_CHANGE, check_change_body), .needs_main = true },
	{ CHECK("delete.status", "a deprovision gets 204 or 200", DEPROVISION, check_deprovision) },
	{ CHECK("delete.repeat", "a repeated deprovision gets 410", DEPROVISION, check_repeat_deprovision), .version = VERIFY_3, .needs_removed = true },
	{ CHECK("delete.unknown", "a deprovision of an unknown resource gets 404 or 410", DEPROVISION, check_deprovision_unknown) },
	{ CHECK("delete.create", "a create after the deprovision gets 410", DEPROVISION, check_create_after), .version = VERIFY_3, .needs_removed = true },
	{ CHECK("delete.plan", "a plan change after the deprovision is refused", DEPROVISION, check_change_after), .needs_removed = true },
	{ CHECK("delete.late", "a create that arrives after its deprovision is refused", AT_LEAST_ONCE, check_late_create), .version = VERIFY_3 },
	{ .name = NULL },
};

const struct verify_check verify_end_checks[] = {
	{ CHECK("time.limit", "each response arrives in time", "Add-on Partner API: requests fail after 25 s", check_limit), .needs_no_response = true },
	{ .name = NULL },
};
/* clang-format on */
