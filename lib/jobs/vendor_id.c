#include "lib/jobs/vendor_id.h"

#include <string.h>

#include "lib/base/arena.h"
#include "lib/base/log.h"
#include "lib/listener/listener.h"
#include "lib/store/resource.h"

static bool marketplace_knows_id(const struct resource *resource)
{
	return resource->is_promised
		|| resource->state != RESOURCE_PROVISIONING;
}

static void fail_answer_id(struct listener_answer *answer,
			   const struct resource *resource, const char *why)
{
	log_error("resource %s: %s", resource->id, why);
	answer->verdict = LISTENER_FAILED;
	answer->id = NULL;
	answer->why = why;
}

/* A marketplace may look for either of its ids under the id. */
static enum outcome find_owner(struct db *db, struct arena *arena,
			       const struct resource *resource, const char *id,
			       struct resource *owner, bool *found)
{
	enum outcome outcome =
		resource_find(db, arena, resource->marketplace, resource->addon,
			      id, false, owner, found);

	if (outcome == OUTCOME_OK && *found)
		*found = strcmp(owner->id, resource->id) != 0;
	return outcome;
}

static void require_free_id(struct db *db, struct arena *arena,
			    const struct resource *resource,
			    struct listener_answer *answer)
{
	struct resource owner;
	bool found;

	if (find_owner(db, arena, resource, answer->id, &owner, &found)
	    != OUTCOME_OK)
		fail_answer_id(answer, resource,
			       "the database did not say whether the id of "
			       "the listener's answer is free");
	else if (found)
		fail_answer_id(
			answer, resource,
			arena_printf(arena,
				     "the listener's answer has the id %s, "
				     "which resource %s (%s) has: answer each "
				     "with an id of its own, and use none "
				     "again",
				     answer->id, owner.id,
				     resource_state_name(owner.state)));
}

void vendor_id_judge(struct db *db, struct arena *arena,
		     const struct resource *resource,
		     struct listener_answer *answer)
{
	if (!answer->id)
		return;
	if (strcmp(answer->id, resource->provider_id) == 0) {
		answer->id = NULL;
	} else if (marketplace_knows_id(resource)) {
		log_warning("resource %s: the listener's answer has the id %s, "
			    "which is not used: the marketplace knows the "
			    "resource as %s",
			    resource->id, answer->id, resource->provider_id);
		answer->id = NULL;
	} else {
		require_free_id(db, arena, resource, answer);
	}
}
