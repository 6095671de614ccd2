#include "lib/jobs/marketplace_claim.h"

#include <time.h>

#include "lib/base/clock.h"
#include "lib/text/uuid.h"

enum { PAUSE = 200 /* ms between looks for a running job */ };

static enum outcome claim_calls(struct marketplace_claim *claim,
				bool *is_claimed)
{
	struct job_claim job = { .lease = claim->lease };
	const struct job_choice choice = { .host = "" };
	enum outcome outcome;

	uuid_random(job.id);
	claim->valid_to = clock_now() + claim->lease;
	outcome =
		job_claim_marketplace(claim->db, claim->arena, claim->resource,
				      &job, &claim->job, is_claimed);
	if (outcome != OUTCOME_OK || !*is_claimed)
		return outcome;
	outcome = job_may_run(claim->db, claim->arena, &claim->job, &choice,
			      is_claimed);
	if (outcome == OUTCOME_OK && !*is_claimed)
		outcome = job_finish(claim->db, claim->arena, &claim->job,
				     "another job calls the marketplace");
	return outcome;
}

enum outcome marketplace_claim_begin(struct marketplace_claim *claim,
				     bool *is_claimed)
{
	const struct timespec pause = { .tv_nsec = PAUSE * 1000000L };
	enum outcome outcome = claim_calls(claim, is_claimed);

	while (outcome == OUTCOME_OK && !*is_claimed
	       && clock_now() + PAUSE < claim->give_up) {
		nanosleep(&pause, NULL);
		outcome = claim_calls(claim, is_claimed);
	}
	return outcome;
}

void marketplace_claim_end(const struct marketplace_claim *claim)
{
	(void)!job_finish(claim->db, claim->arena, &claim->job, NULL);
}
