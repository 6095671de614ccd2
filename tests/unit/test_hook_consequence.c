#include "unit.h"

#include "cgi/cli/hook_consequence.h"
#include "lib/addon/addon.h"

extern const struct dialect dialect_heroku_v3;

static struct answer {
	const char *name;
	enum listener_action action;
	enum listener_verdict verdict;
	int retry_after;
	bool has_secret, provisions_later;
	const char *expected;
} answers[] = {
	{ "a provision that is done is answered", LISTENER_PROVISION,
	  LISTENER_DONE, 0, false, false,
	  "store the config vars and answer the marketplace with them" },
	{ "one that failed is repeated with the request", LISTENER_PROVISION,
	  LISTENER_FAILED, 0, true, false,
	  "answer 503, and repeat the call when the marketplace repeats its "
	  "request" },
	{ "so is one that is pending, if it cannot be promised",
	  LISTENER_PROVISION, LISTENER_PENDING, 9, false, true,
	  "answer 503, and repeat the call when the marketplace repeats its "
	  "request" },
	{ "otherwise it is promised", LISTENER_PROVISION, LISTENER_PENDING, 9,
	  true, false,
	  "answer 202 to a create with a grant, and repeat the call; to a "
	  "create without one, answer 503" },
	{ "after a promise it is repeated", LISTENER_PROVISION,
	  LISTENER_PENDING, 9, true, true, "repeat the call in 9 s" },
	{ "... a failed one at intervals", LISTENER_PROVISION, LISTENER_FAILED,
	  0, true, true, "repeat the call, at growing intervals" },
	{ "... and the result is sent", LISTENER_PROVISION, LISTENER_DONE, 0,
	  true, true,
	  "store the config vars and send them to the marketplace" },
	{ "a plan change that is pending goes on for a while",
	  LISTENER_CHANGE_PLAN, LISTENER_PENDING, 9, false, false,
	  "answer 503, repeat the call, and change back unless the marketplace "
	  "repeats its request" },
	{ "... or is promised", LISTENER_CHANGE_PLAN, LISTENER_PENDING, 9, true,
	  true,
	  "answer 202 for a resource with a grant, and repeat the call; for "
	  "one without a grant, answer 503" },
	{ "a deprovision is repeated", LISTENER_DEPROVISION, LISTENER_FAILED, 0,
	  true, true, "repeat the call, at growing intervals" },
	{ "a sign-on is never repeated", LISTENER_SIGN_ON, LISTENER_FAILED, 0,
	  true, true, "answer 503, and not repeat the call" },
};

static void consequence_is_as_expected(void **state)
{
	const struct answer *a = *state;
	const struct addon addon = {
		.dialect = &dialect_heroku_v3,
		.client_secret = a->has_secret ? "a secret" : NULL,
		.provisions_later = a->provisions_later,
	};
	const struct listener_answer answer = {
		.verdict = a->verdict,
		.retry_after = a->retry_after,
	};

	assert_text(hook_consequence(arena, &addon, a->action, &answer),
		    a->expected);
}

int main(void)
{
	UNIT_ROWS(answers, consequence_is_as_expected);
	return unit_run("hook_consequence");
}
