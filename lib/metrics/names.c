/*
 * names.c - the names by which counts are listed, and the edges of histograms.
 */
#include "lib/metrics/counters.h"

/* Heroku expects a response within 3 s and gives up after 25 s. */
const int64_t metrics_edges[METRICS_EDGES] = { 1,    2,     5,    10,  25,
					       50,   100,   250,  500, 1000,
					       3000, 10000, 25000 };

const int64_t metrics_addon_edges[METRICS_ADDON_EDGES] = { 10,   100,  500,
							   1000, 3000, 10000,
							   25000 };

const char *const metrics_operation_names[METRICS_OPERATIONS] = {
	[METRICS_PROVISION] = "provision",
	[METRICS_CHANGE_PLAN] = "change-plan",
	[METRICS_DEPROVISION] = "deprovision",
	[METRICS_OTHER] = "other",
	[METRICS_SIGN_ON] = "sign-on",
	[METRICS_SESSION] = "session",
	[METRICS_PAGE] = "page",
	[METRICS_EXCHANGE] = "exchange",
	[METRICS_SUSPEND] = "suspend",
	[METRICS_RESUME] = "resume",
	[METRICS_NOTIFICATION] = "notification",
};

/* In the order in which they were added.  "other" counts all further kinds. */
const char *const metrics_kind_names[METRICS_KINDS] = {
	"provision", "change-plan",  "deprovision", "rotate",    "exchange",
	"complete",  "withdraw",     "push-config", "write-log", "verify",
	"confirm",   "check-config", "suspend",     "resume",    "restore",
	"move",      "other",
};

const char *const metrics_pool_names[METRICS_POOLS] = {
	[METRICS_POOL_API] = "api",
	[METRICS_POOL_WEB] = "web",
	[METRICS_POOL_OTHER] = "other",
};

const char *const metrics_action_names[METRICS_ACTIONS] = {
	"provision", "change-plan", "deprovision", "sign-on", "rotate",
	"suspend",   "resume",      "restore",     "move",
};

const char *const metrics_result_names[METRICS_RESULTS] = {
	"done", "refused", "pending", "failed", "failed-for-good",
};

/* What the status of a marketplace's response says: platform/response.h. */
const char *const metrics_verdict_names[METRICS_VERDICTS] = {
	"done", "unauthorized", "forbidden", "gone", "refused", "later",
};
