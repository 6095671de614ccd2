-- Finish job $1, claimed under $2: the marketplace knows that the resource
-- is refused, so the grant is erased.  Returns the resource's state; no row if
-- the claim was lost.
\ir job_result_finish.inc.sql
erased AS (
	DELETE FROM grants
	USING finished
	WHERE grants.resource = finished.id AND finished.state = 'refused'
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
