#include "lib/provider/operator_words.h"

const char operator_words_deprovision[] =
	"This resource would be deprovisioned: nobody can use it any more, and "
	"its grant, URLs and tokens are erased.  If settings.json of its "
	"add-on has \"keep\", it can be restored for that time, and its config "
	"vars stay until then; otherwise it is removed at once, for good.  The "
	"marketplace is not notified, and bills the resource until it "
	"deprovisions it, too.";

const char operator_words_remove[] =
	"This resource would be removed at once, for good, and could not be "
	"restored: its config vars are erased, and a hook or a library is "
	"called to remove what it has created.  The marketplace is not "
	"notified: unless it has deprovisioned the resource itself, it "
	"continues to bill it.";

const char operator_words_restore[] =
	"This resource would be restored into a new one, which the customer "
	"has created since.  A hook or a library is called, and the "
	"applications of the new resource restart with the old config vars.  "
	"The present content of the new resource is lost.";

const char operator_words_busy[] = "too many requests wait for a listener or a "
				   "marketplace: try again";

const char operator_words_restoring[] =
	"provisor-jobs calls the listener and sends the config vars to the "
	"marketplace.  When this is done, the history of the new resource "
	"shows the event restored.";

const char operator_words_moving[] =
	"provisor-jobs gives this resource the content of the old one.  When "
	"this is done, the history of both shows the event moved.  From now on "
	"nothing is cleaned up when the marketplace of the old resource "
	"deprovisions it: keep its add-on's home until then.";

const char operator_words_rotate[] =
	"The resource would get new credentials.  A template generates its "
	"secrets again at once.  A hook or a library learns how long the old "
	"credentials must stay valid: until every application has restarted "
	"with the new ones.";

const char operator_words_suspend[] =
	"The resource would be taken out of use, for example because the "
	"customer does not pay.  Nothing is lost: it keeps its plan and config "
	"vars, the customer can still sign on, and applications learn the "
	"state from X-Provisor-State.  A hook or a library is called to stop "
	"the service.";

const char operator_words_resume[] =
	"The resource would be put into use again.  A hook or a library is "
	"called first.";

const char *operator_words_suspended(enum provider_suspension_effect effect)
{
	static const char *const effects[] = {
		[PROVIDER_SUSPENSION_UNCHANGED] = "It is suspended already.",
		[PROVIDER_SUSPENSION_DONE] =
			"It is suspended.  A template has no code to call: "
			"applications learn the state from X-Provisor-State.",
		[PROVIDER_SUSPENSION_BEGUN] =
			"It is suspended.  provisor-jobs calls the listener, "
			"which takes it out of use.",
	};

	return effects[effect];
}

const char *operator_words_resumed(enum provider_suspension_effect effect)
{
	static const char *const effects[] = {
		[PROVIDER_SUSPENSION_UNCHANGED] =
			"It is not suspended, or provisor-jobs is about to "
			"resume it.",
		[PROVIDER_SUSPENSION_DONE] = "It is provisioned.",
		[PROVIDER_SUSPENSION_BEGUN] =
			"provisor-jobs calls the listener.  When this is done, "
			"the history of the resource shows the event resumed, "
			"and the resource is provisioned.",
	};

	return effects[effect];
}

const char *operator_words_effect(enum provider_config_effect effect)
{
	static const char *const effects[] = {
		[PROVIDER_CONFIG_UNCHANGED] =
			"The resource has these values already.",
		[PROVIDER_CONFIG_PUSHED] =
			"provisor-jobs sends them to the marketplace.",
		[PROVIDER_CONFIG_NOT_PUSHED] =
			"The marketplace gets them in the response to its next "
			"request, such as a plan change.  It cannot be called "
			"about this resource: the client secret or the grant "
			"is missing, or it has no API for this.",
		[PROVIDER_CONFIG_ROTATING] =
			"provisor-jobs calls the listener and sends the new "
			"credentials to the marketplace.  When this is done, "
			"the history of the resource shows the event "
			"config-rotated.",
		[PROVIDER_CONFIG_UNREADABLE] =
			"No key in the keys file opens the config vars.",
	};

	return effects[effect];
}
