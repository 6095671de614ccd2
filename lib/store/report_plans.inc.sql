changes AS MATERIALIZED (
	-- Changes of plan since $4.
	SELECT id, at, resource, before->>'plan' AS old_plan, after->>'plan' AS new_plan
	FROM events
	WHERE $1::text = 'plan' AND at >= $4::timestamptz
		AND event IN ('plan-changed', 'plan-change-reverted', 'imported')
		AND before->>'plan' <> after->>'plan'
), plans AS (
	-- The plans of the resources that have changed theirs, one after the other.
	SELECT resource, new_plan AS plan, at AS began_at,
		lead(at, 1, 'infinity') OVER (PARTITION BY resource ORDER BY id) AS ended_at
	FROM changes
	UNION ALL
	(SELECT DISTINCT ON (resource) resource, old_plan, '-infinity', at
	FROM changes
	ORDER BY resource, id)
),
