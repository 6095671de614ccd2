#include "lib/store/job_kind.h"

#include <string.h>

enum {
	PROVISIONING = 1 << RESOURCE_PROVISIONING,
	SUSPENDED = 1 << RESOURCE_SUSPENDED,
	PROVISIONED = 1 << RESOURCE_PROVISIONED | SUSPENDED,
	KEPT = 1 << RESOURCE_KEPT,
	DEPROVISIONING = 1 << RESOURCE_DEPROVISIONING,
	DEPROVISIONED = 1 << RESOURCE_DEPROVISIONED,
	REFUSED = 1 << RESOURCE_REFUSED,
	ABANDONED = 1 << RESOURCE_ABANDONED
};

/* clang-format off */
const struct job_kind_info job_kinds[JOB_KINDS] = {
	[JOB_PROVISION] = {
		"provision", JOB_LANE_LISTENER, PROVISIONING, JOB_IF_WAITED,
		"Unless the resource was promised, provisor-jobs undoes it, "
		"and a repeat of the marketplace's request starts anew.  A "
		"promised resource is provisioned.",
		"A promised resource is refused, and the marketplace is notified.  Any other is abandoned, "
		"and a repeat of the marketplace's request starts anew.  What the listener has created "
		"so far stays: remove it yourself." },
	[JOB_CHANGE_PLAN] = {
		"change-plan", JOB_LANE_LISTENER, PROVISIONED, JOB_HELD,
		"If the marketplace was promised the change or may still repeat its request, the listener "
		"is called again.  Otherwise the customer does not know of the new plan, so the listener "
		"changes back to the plan that the resource has.",
		"The resource keeps its plan.  The listener may have changed it already: check that "
		"yourself.  If the change was promised, the marketplace has the new plan, and provisor "
		"check reports that until the plans agree." },
	[JOB_DEPROVISION] = {
		"deprovision", JOB_LANE_LISTENER, KEPT | DEPROVISIONING | REFUSED, JOB_HELD,
		"The listener cleans up.  A kept resource cannot be restored from then on.",
		"The resource counts as cleaned up, and its config vars are erased: read them first with "
		"provisor resources show ID --reveal.  What the listener has created stays: remove it "
		"yourself." },
	[JOB_ROTATE] = {
		"rotate", JOB_LANE_LISTENER, PROVISIONED, JOB_HELD,
		"The listener creates new credentials.",
		"The resource keeps its config vars.  The listener may have created new credentials "
		"already: check that yourself." },
	[JOB_EXCHANGE] = {
		"exchange", JOB_LANE_MARKETPLACE, PROVISIONING | PROVISIONED | REFUSED | ABANDONED, JOB_ALWAYS,
		"The grant of the resource is exchanged for a token.",
		"The resource has no token, unless the marketplace repeats its request with another "
		"grant." },
	[JOB_COMPLETE] = {
		"complete", JOB_LANE_MARKETPLACE, PROVISIONING | PROVISIONED, JOB_IF_WAITED,
		"The marketplace learns that the promised resource is provisioned.",
		"If the marketplace still waits for the resource, it is refused, the marketplace is "
		"notified, and the listener cleans up." },
	[JOB_WITHDRAW] = {
		"withdraw", JOB_LANE_MARKETPLACE, REFUSED, JOB_HELD,
		"The marketplace learns that the promised resource is refused.",
		"The marketplace gives up by itself, twelve hours after the resource was promised." },
	[JOB_PUSH_CONFIG] = {
		"push-config", JOB_LANE_MARKETPLACE, PROVISIONED, JOB_HELD,
		"The marketplace gets the config vars of the resource.",
		"The marketplace keeps the config vars that it has, until a plan change or provisor "
		"config set sends others." },
	[JOB_WRITE_LOG] = {
		"write-log", JOB_LANE_MARKETPLACE, PROVISIONING | PROVISIONED | REFUSED | ABANDONED, JOB_ALWAYS,
		"A line is written to the log of the customer's app.",
		"The line will be missing from the log of the customer's app." },
	[JOB_VERIFY] = {
		"verify", JOB_LANE_LISTENER,
		PROVISIONING | PROVISIONED | KEPT | DEPROVISIONING | DEPROVISIONED | REFUSED | ABANDONED,
		JOB_HELD,
		"The listener is called once more, because two calls may have overlapped.",
		"What the listener has may differ from the resource: check that yourself.  If the resource "
		"is gone, remove what the listener may have created." },
	[JOB_CONFIRM] = {
		"confirm", JOB_LANE_MARKETPLACE, PROVISIONED, JOB_HELD,
		"The marketplace is asked whether it expects the resource and its plan, because its "
		"request took effect but got no success.  What it does not expect is undone.",
		"The resource stays as it is, even if the marketplace does not expect it: compare them "
		"with provisor reconcile." },
	[JOB_CHECK_CONFIG] = {
		"check-config", JOB_LANE_MARKETPLACE, PROVISIONED, JOB_HELD,
		"The config vars that the marketplace has are read, and sent again if they differ, because "
		"it did not respond when they were sent.",
		"The marketplace may have older config vars, until a plan change or provisor config set "
		"sends others." },
	[JOB_SUSPEND] = {
		"suspend", JOB_LANE_LISTENER, SUSPENDED | KEPT, JOB_HELD,
		"The listener takes the resource out of use.",
		"The resource stays suspended here.  The listener may not have taken it out of use: check "
		"that yourself." },
	[JOB_RESUME] = {
		"resume", JOB_LANE_LISTENER, SUSPENDED, JOB_HELD,
		"The listener puts the resource into use again.  It stays suspended until then.",
		"The resource stays suspended here.  The listener may have put it into use already: check "
		"that yourself." },
	[JOB_RESTORE] = {
		"restore", JOB_LANE_LISTENER, PROVISIONED, JOB_HELD,
		"The listener gives the resource the content of a deprovisioned one.",
		"Neither resource changes here.  The listener may have moved the content "
		"already: check that yourself." },
	[JOB_MOVE] = {
		"move", JOB_LANE_LISTENER,
		PROVISIONING | PROVISIONED | KEPT | DEPROVISIONING | DEPROVISIONED, JOB_HELD,
		"The listener gives the resource the content of one of another add-on.",
		"The old resource is in use again.  The listener may have moved the content "
		"already: check that yourself." },
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
