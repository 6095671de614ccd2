-- List provisions and plan changes of earlier epochs that have no result here
-- and were not promised: the marketplace may have got a response that this
-- database lacks.  Returns a JSON object for each of up to $1 jobs.
SELECT json_build_object('job', j.id, 'kind', j.kind,
	'marketplace', r.marketplace, 'addon', r.addon,
	'resource', r.id, 'marketplace_id', r.marketplace_id,
	'plan', coalesce(j.payload->>'plan', r.plan),
	'since', iso8601(j.created_at))
FROM jobs j JOIN resources r ON r.id = j.resource
WHERE j.finished_at IS NULL AND j.timed_at > '-infinity'
	AND j.epoch <> database_epoch()
	AND (j.kind = 'change-plan' AND j.promised_at IS NULL
		OR (j.kind = 'provision' AND r.promised_at IS NULL))
ORDER BY j.id
LIMIT $1::integer
