-- Finish job $1, claimed under $2: the marketplace knows that the resource
-- is refused, so the grant is erased.  Returns the resource's state; no row if
-- the claim was lost.
\ir job_result_finish.inc.sql
erased AS (
	UPDATE resources r
	SET grant_code = NULL, grant_code_expires_at = NULL, access_token = NULL,
		refresh_token = NULL, previous_refresh_token = NULL,
		access_token_expires_at = NULL,
		grant_ended_at = now()
	FROM finished
	WHERE r.id = finished.id AND finished.state = 'refused'
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
