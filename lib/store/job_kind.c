#include "lib/store/job_kind.h"

#include <string.h>

enum {
	PROVISIONING = 1 << RESOURCE_PROVISIONING,
	PROVISIONED = 1 << RESOURCE_PROVISIONED,
	DEPROVISIONING = 1 << RESOURCE_DEPROVISIONING,
	REFUSED = 1 << RESOURCE_REFUSED,
	ABANDONED = 1 << RESOURCE_ABANDONED
};

/* clang-format off */
const struct job_kind_info job_kinds[JOB_KINDS] = {
	[JOB_PROVISION] = {
		"provision", JOB_LANE_LISTENER, PROVISIONING,
		"Unless the resource was promised, provisor-jobs takes it back, and a repeat of the "
		"marketplace's request starts anew.  A promised resource is provisioned.",
		"A promised resource is refused, and the marketplace is notified.  Any other is abandoned, "
		"and a repeat of the marketplace's request starts anew.  What the listener has created "
		"so far stays: remove it yourself." },
	[JOB_CHANGE_PLAN] = {
		"change-plan", JOB_LANE_LISTENER, PROVISIONED,
		"The customer does not know of the new plan, so the listener changes back to the plan "
		"that the resource has.",
		"The resource keeps its plan.  The listener may have changed it already: check that "
		"yourself." },
	[JOB_DEPROVISION] = {
		"deprovision", JOB_LANE_LISTENER, DEPROVISIONING | REFUSED,
		"The listener cleans up.",
		"The resource counts as cleaned up, and its config vars are erased: read them first with "
		"provisor resources show ID --reveal.  What the listener has created stays: remove it "
		"yourself." },
	[JOB_ROTATE] = {
		"rotate", JOB_LANE_LISTENER, PROVISIONED,
		"The listener creates new credentials.",
		"The resource keeps its config vars.  The listener may have created new credentials "
		"already: check that yourself." },
	[JOB_EXCHANGE] = {
		"exchange", JOB_LANE_MARKETPLACE, PROVISIONING | PROVISIONED | REFUSED | ABANDONED,
		"The grant of the resource is exchanged for a token.",
		"The resource has no token, unless the marketplace repeats its request with another "
		"grant." },
	[JOB_COMPLETE] = {
		"complete", JOB_LANE_MARKETPLACE, PROVISIONING | PROVISIONED,
		"The marketplace learns that the promised resource is provisioned.",
		"If the marketplace still waits for the resource, it is refused, the marketplace is "
		"notified, and the listener cleans up." },
	[JOB_WITHDRAW] = {
		"withdraw", JOB_LANE_MARKETPLACE, REFUSED,
		"The marketplace learns that the promised resource is refused.",
		"The marketplace gives up by itself, twelve hours after the resource was promised." },
	[JOB_PUSH_CONFIG] = {
		"push-config", JOB_LANE_MARKETPLACE, PROVISIONED,
		"The marketplace gets the config vars of the resource.",
		"The marketplace keeps the config vars that it has, until a plan change or provisor "
		"config set sends others." },
	[JOB_WRITE_LOG] = {
		"write-log", JOB_LANE_MARKETPLACE, PROVISIONING | PROVISIONED | REFUSED | ABANDONED,
		"A line is written to the log of the customer's app.",
		"The log of the customer's app lacks a line." },
};
/* clang-format on */

bool job_kind_named(const char *name, enum job_kind *kind)
{
	for (int i = 0; i < JOB_KINDS; i++) {
		if (strcmp(job_kinds[i].name, name) != 0)
			continue;
		*kind = (enum job_kind)i;
		return true;
	}
	return false;
}

const char *job_kind_name(enum job_kind kind)
{
	return job_kinds[kind].name;
}

const char *job_kind_lane(enum job_kind kind)
{
	static const char *const names[] = {
		[JOB_LANE_LISTENER] = "listener",
		[JOB_LANE_MARKETPLACE] = "marketplace",
	};

	return names[job_kinds[kind].lane];
}

bool job_kind_wants(enum job_kind kind, enum resource_state state)
{
	return job_kinds[kind].states & (1u << state);
}
