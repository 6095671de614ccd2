-- Finish job $1, claimed under $2: the listener does not restore resource $6, which
-- stays kept, for the reason $5.  Returns the state of the other resource; no row if
-- the claim was lost.
\ir job_result_finish.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, before, after)
	SELECT id, 'restore-refused', $3, $4, NULL,
		jsonb_build_object('reason', $5::text, 'from', $6::uuid)
	FROM finished
)
SELECT state FROM finished
\ir job_result_repeat.inc.sql
