-- Count the unfinished jobs of earlier epochs by marketplace, add-on and kind.
-- Returns a JSON object for each of up to $1 groups.
SELECT json_build_object('marketplace', r.marketplace, 'addon', r.addon,
	'kind', j.kind, 'jobs', count(*), 'oldest', iso8601(min(j.created_at)))
FROM jobs j JOIN resources r ON r.id = j.resource
WHERE j.finished_at IS NULL AND j.timed_at > '-infinity'
	AND j.epoch <> database_epoch()
GROUP BY r.marketplace, r.addon, j.kind
ORDER BY r.marketplace, r.addon, j.kind
LIMIT $1::integer
