-- Finish job $1, claimed under $2: the listener does not move the content of resource
-- $6, for the reason $5, and the move is undone.  Returns the state of the other
-- resource; no row if the claim was lost.
\ir job_result_finish.inc.sql
undone AS (
	SELECT id AS target, $6::uuid AS source
	FROM finished
),
\ir move_undone.inc.sql
event AS (
	INSERT INTO events (resource, event, actor, request_id, after)
	SELECT target, 'move-refused', $3, $4,
		jsonb_build_object('reason', $5::text, 'from', source)
	FROM undone
	UNION ALL
	SELECT source, 'move-refused', $3, $4,
		jsonb_build_object('reason', $5::text, 'to', target)
	FROM undone
)
SELECT coalesce((SELECT state FROM undone_target), state) FROM finished
\ir job_result_repeat.inc.sql
