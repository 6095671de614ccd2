#include "cgi/web/console_acts.h"

#include <string.h>

#include "cgi/web/console_resource.h"
#include "cgi/web/console_view.h"
#include "cgi/web/http.h"
#include "lib/base/arena.h"
#include "lib/base/utf8.h"
#include "lib/provider/operator.h"
#include "lib/provider/operator_view.h"
#include "lib/provider/operator_words.h"
#include "lib/provider/provider.h"
#include "lib/text/form.h"
#include "lib/text/html.h"
#include "lib/text/json.h"
#include "lib/text/number.h"

enum {
	MOST_OVERLAP = 7 * 24 * 60 * 60 * 1000, /* ms, as of config rotate */
	MOST_REASON = 200                       /* characters */
};

static enum outcome refuse_input(struct operator_act *act, const char *failure)
{
	act->failure = failure;
	return OUTCOME_INVALID;
}

/* ---- resources ---- */

static void put_overlap_field(struct console *c, struct html *page,
			      const struct json *resource)
{
	(void)c;
	(void)resource;
	html_markup(page,
		    "<label for=\"overlap\">How long the old credentials stay "
		    "valid, such as 30min or 2h</label>\n"
		    "<input id=\"overlap\" name=\"overlap\" value=\"2h\" "
		    "required autocomplete=\"off\">\n");
}

static enum outcome carry_out_rotate(struct console *c,
				     struct operator_act *act,
				     const struct json *resource,
				     const struct form *form, const char **said)
{
	enum provider_config_effect effect = PROVIDER_CONFIG_UNCHANGED;
	int64_t overlap;
	enum outcome outcome;

	if (!number_read_duration(form_value(form, "overlap"), &overlap)
	    || overlap > MOST_OVERLAP)
		return refuse_input(act,
				    "the overlap is not a duration of up to "
				    "7d, such as 30min or 2h");
	outcome = operator_rotate(c->x->provider, act, resource,
				  (int)(overlap / 1000), false, &effect);
	if (effect == PROVIDER_CONFIG_UNREADABLE)
		return refuse_input(act,
				    "no key of this host opens the stored "
				    "config vars; provisor config rotate "
				    "--replace-unreadable replaces them");
	*said = arena_join(act->arena, "The credentials are rotated. ",
			   operator_words_effect(effect));
	return outcome;
}

static void put_reason_field(struct console *c, struct html *page,
			     const struct json *resource)
{
	(void)c;
	(void)resource;
	html_markup(page,
		    "<label for=\"reason\">Reason, for the history</label>\n"
		    "<input id=\"reason\" name=\"reason\" maxlength=\"200\" "
		    "autocomplete=\"off\">\n");
}

/* Set *reason, which stays NULL if none is given. */
static enum outcome read_reason(struct operator_act *act,
				const struct form *form, const char **reason)
{
	const char *text = form_value(form, "reason");

	*reason = text && *text ? text : NULL;
	if (text && utf8_count(text) > MOST_REASON)
		return refuse_input(act,
				    "the reason is longer than 200 "
				    "characters");
	return OUTCOME_OK;
}

static enum outcome change_console_suspension(
	struct console *c, struct operator_act *act,
	const struct json *resource, const struct form *form,
	operator_suspension *change,
	const char *(*explain)(enum provider_suspension_effect effect),
	const char **said)
{
	enum provider_suspension_effect effect = PROVIDER_SUSPENSION_UNCHANGED;
	const char *reason;
	enum outcome outcome = read_reason(act, form, &reason);

	if (outcome == OUTCOME_OK)
		outcome =
			change(c->x->provider, act, resource, reason, &effect);
	*said = explain(effect);
	return outcome;
}

static enum outcome carry_out_suspend(struct console *c,
				      struct operator_act *act,
				      const struct json *resource,
				      const struct form *form,
				      const char **said)
{
	return change_console_suspension(c, act, resource, form,
					 operator_suspend,
					 operator_words_suspended, said);
}

static enum outcome carry_out_resume(struct console *c,
				     struct operator_act *act,
				     const struct json *resource,
				     const struct form *form, const char **said)
{
	return change_console_suspension(c, act, resource, form,
					 operator_resume,
					 operator_words_resumed, said);
}

/* The typed name is compared, so that an operator notices a wrong tab. */
static void put_name_field(struct console *c, struct html *page,
			   const struct json *resource)
{
	html_markup(page, "<label for=\"name\">To confirm, type <code>");
	html_text(page, console_resource_name(c, resource));
	html_markup(page,
		    "</code></label>\n<input id=\"name\" name=\"name\" "
		    "required autocomplete=\"off\" spellcheck=\"false\">\n");
}

static enum outcome require_name(struct console *c, struct operator_act *act,
				 const struct json *resource,
				 const struct form *form)
{
	const char *name = form_value(form, "name");

	return name && strcmp(name, console_resource_name(c, resource)) == 0
		? OUTCOME_OK
		: refuse_input(act,
			       "the name that you have typed is not that of "
			       "the resource");
}

static enum outcome carry_out_deprovision(struct console *c,
					  struct operator_act *act,
					  const struct json *resource,
					  const struct form *form,
					  const char **said)
{
	enum outcome outcome = require_name(c, act, resource, form);

	*said = "The resource is deprovisioned.";
	return outcome == OUTCOME_OK
		? operator_deprovision(c->x->provider, act, resource)
		: outcome;
}

static enum outcome carry_out_remove(struct console *c,
				     struct operator_act *act,
				     const struct json *resource,
				     const struct form *form, const char **said)
{
	enum outcome outcome = require_name(c, act, resource, form);

	*said = "The resource cannot be restored any more.";
	return outcome == OUTCOME_OK
		? operator_deprovision_now(c->x->provider, act, resource)
		: outcome;
}

static void put_to_field(struct console *c, struct html *page,
			 const struct json *resource)
{
	(void)c;
	(void)resource;
	html_markup(page,
		    "<label for=\"to\">ID of the new resource</label>\n"
		    "<input id=\"to\" name=\"to\" required "
		    "autocomplete=\"off\" spellcheck=\"false\">\n");
}

/* Another add-on may have a resource with the same id. */
static enum outcome find_new_resource(struct console *c,
				      struct operator_act *act,
				      const struct json *kept,
				      const struct form *form,
				      const struct json **resource)
{
	const struct operator_target target = {
		.id = form_value(form, "to"),
		.marketplace = console_text(c, kept, "marketplace"),
		.addon = console_text(c, kept, "addon"),
	};
	struct json_rows found;
	enum outcome outcome = OUTCOME_NOT_FOUND;

	if (target.id)
		outcome = operator_find_resource(c->x->provider->db, act,
						 &target, &found);
	if (outcome == OUTCOME_NOT_FOUND)
		return refuse_input(act,
				    "no resource of this add-on has the id "
				    "that you have typed");
	if (outcome == OUTCOME_OK)
		*resource = found.list[0];
	return outcome;
}

static enum outcome carry_out_restore(struct console *c,
				      struct operator_act *act,
				      const struct json *resource,
				      const struct form *form,
				      const char **said)
{
	const struct json *target = NULL;
	enum outcome outcome =
		find_new_resource(c, act, resource, form, &target);

	*said = operator_words_restoring;
	return outcome == OUTCOME_OK
		? operator_restore(c->x->provider, act, resource, target)
		: outcome;
}

const struct console_act console_resource_acts[] = {
	{ .name = "rotate",
	  .title = "Rotate the credentials",
	  .states = " provisioned suspended ",
	  .would = operator_words_rotate,
	  .put_fields = put_overlap_field,
	  .carry_out = carry_out_rotate },
	{ .name = "suspend",
	  .title = "Suspend",
	  .states = " provisioned ",
	  .would = operator_words_suspend,
	  .put_fields = put_reason_field,
	  .carry_out = carry_out_suspend },
	{ .name = "resume",
	  .title = "Resume",
	  .states = " suspended ",
	  .would = operator_words_resume,
	  .put_fields = put_reason_field,
	  .carry_out = carry_out_resume },
	{ .name = "deprovision",
	  .title = "Deprovision",
	  .states = " provisioning provisioned suspended refused abandoned ",
	  .would = operator_words_deprovision,
	  .put_fields = put_name_field,
	  .carry_out = carry_out_deprovision },
	{ .name = "restore",
	  .title = "Restore",
	  .states = " kept ",
	  .would = operator_words_restore,
	  .put_fields = put_to_field,
	  .carry_out = carry_out_restore },
	{ .name = "remove",
	  .title = "Remove for good",
	  .states = " kept ",
	  .would = operator_words_remove,
	  .put_fields = put_name_field,
	  .carry_out = carry_out_remove },
	{ .name = NULL },
};

/* ---- jobs ---- */

static const char *explain_job_retry(const struct json *job)
{
	const struct job_kind_info *kind = operator_job_kind(job);

	return kind ? kind->does : "The job is carried out again.";
}

static enum outcome carry_out_retry(struct console *c, struct operator_act *act,
				    const struct json *job,
				    const struct form *form, const char **said)
{
	(void)form;
	*said = "The job is due now.";
	return operator_retry_job(c->x->provider->db, act, job);
}

static const char *explain_job_cancel(const struct json *job)
{
	const struct job_kind_info *kind = operator_job_kind(job);

	return kind ? kind->cancelled : "The job is not carried out.";
}

static enum outcome carry_out_cancel(struct console *c,
				     struct operator_act *act,
				     const struct json *job,
				     const struct form *form, const char **said)
{
	const char *state = NULL;
	enum outcome outcome =
		operator_cancel_job(c->x->provider->db, act, job, &state);

	(void)form;
	*said = arena_join(act->arena, "The job is cancelled. Its resource is ",
			   state, ".");
	return outcome;
}

const struct console_act console_job_acts[] = {
	{ .name = "retry",
	  .title = "Retry",
	  .states = " gave-up waiting ",
	  .explain = explain_job_retry,
	  .carry_out = carry_out_retry },
	{ .name = "cancel",
	  .title = "Cancel the job",
	  .states = " gave-up held waiting due blocked ",
	  .explain = explain_job_cancel,
	  .carry_out = carry_out_cancel },
	{ .name = NULL },
};
