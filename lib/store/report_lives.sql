-- Count the resources of marketplace $2 and add-on $3 (NULL: any) that were live on each
-- day from $4 to before $5, two midnights in UTC, and those that began and ended, by the
-- value that they had then in the column $1: addon, marketplace, plan or region (NULL:
-- not divided).  Returns an array for report_events.sql: an object for each day and value;
-- a value of '' stands for none.
--
-- A resource lives from its provision to its deprovision.  The source of a move lives
-- until then, and the resource that it fills from then on.
WITH
\ir report_plans.inc.sql
moves AS MATERIALIZED (
	SELECT moved_to AS id, min(moved_at) AS moved_at
	FROM resources
	WHERE moved_at IS NOT NULL AND moved_to IS NOT NULL
	GROUP BY moved_to
), lives AS NOT MATERIALIZED (
	SELECT r.id, coalesce(CASE $1 WHEN 'addon' THEN r.addon
			WHEN 'marketplace' THEN r.marketplace
			WHEN 'plan' THEN r.plan
			WHEN 'region' THEN r.region END, '') AS value,
		r.provisioned_at AS began_at, e.ended_at,
		CASE WHEN r.moved_at IS NOT NULL THEN 'moved' ELSE 'gone' END AS went
	FROM resources r
	CROSS JOIN LATERAL (SELECT coalesce(least(r.moved_at, r.deprovisioned_at),
		'infinity') AS ended_at) e
	WHERE r.provisioned_at < e.ended_at
		AND ($2::text IS NULL OR r.marketplace = $2)
		AND ($3::text IS NULL OR r.addon = $3)
), special AS MATERIALIZED (
	-- The lives that began by a move, or that had more than one plan.
	SELECT l.*, CASE WHEN m.moved_at < l.ended_at THEN m.moved_at END AS moved_at
	FROM (SELECT id FROM moves UNION SELECT resource FROM changes) s
	JOIN lives l USING (id) LEFT JOIN moves m USING (id)
), parts AS MATERIALIZED (
	SELECT coalesce(p.plan, s.value) AS value,
		greatest(coalesce(s.moved_at, s.began_at), p.began_at) AS began_at,
		least(s.ended_at, p.ended_at) AS ended_at,
		CASE WHEN p.began_at > coalesce(s.moved_at, s.began_at) THEN 'changed'
			WHEN s.moved_at IS NOT NULL THEN 'moved' ELSE 'new' END AS came,
		CASE WHEN p.ended_at < s.ended_at THEN 'changed' ELSE s.went END AS went
	FROM special s LEFT JOIN plans p ON p.resource = s.id
), stays AS NOT MATERIALIZED (
	-- All lives, with the parts of special ones in place of these as a whole.  Leaving
	-- these out would sort all resources by id.
	SELECT value, began_at, ended_at, 'new' AS came, went, 1 AS number
	FROM lives
	UNION ALL
	SELECT value, began_at, ended_at, 'new', went, -1
	FROM special
	UNION ALL
	SELECT value, began_at, ended_at, came, went, 1
	FROM parts
	WHERE began_at < ended_at
), base AS (
	SELECT value, sum(number) AS live
	FROM stays
	WHERE began_at < $4 AND ended_at >= $4
	GROUP BY value
	HAVING sum(number) > 0
), steps AS (
	SELECT (at AT TIME ZONE 'UTC')::date AS day, value, sum(sign * number) AS step,
		sum(number) FILTER (WHERE sign > 0 AND how = 'new') AS new,
		sum(number) FILTER (WHERE sign < 0 AND how = 'gone') AS gone,
		sum(number) FILTER (WHERE sign > 0 AND how = 'moved') AS moved_in,
		sum(number) FILTER (WHERE sign < 0 AND how = 'moved') AS moved_out
	FROM stays CROSS JOIN LATERAL (VALUES (began_at, 1, came), (ended_at, -1, went))
		AS moment (at, sign, how)
	WHERE (began_at >= $4 AND began_at < $5 OR ended_at >= $4 AND ended_at < $5)
		AND at >= $4 AND at < $5
	GROUP BY 1, 2
), found AS (
	SELECT value FROM base UNION SELECT value FROM steps
), days AS (
	SELECT day::date, value
	FROM generate_series($4 AT TIME ZONE 'UTC',
		$5::timestamptz AT TIME ZONE 'UTC' - interval '1 day', interval '1 day') day
	CROSS JOIN (SELECT value FROM found
		UNION ALL
		SELECT '' WHERE NOT EXISTS (SELECT FROM found)) v
), figures AS (
	SELECT day, value, coalesce(step, 0) AS step, coalesce(live, 0)
			+ coalesce(sum(step) OVER (PARTITION BY value ORDER BY day), 0) AS live,
		new, gone, moved_in, moved_out
	FROM days LEFT JOIN base USING (value) LEFT JOIN steps USING (day, value)
)
SELECT json_agg(json_build_object('day', day, 'value', value,
	'live_before', live - step, 'live', live, 'new', new, 'gone', gone,
	'moved_in', moved_in, 'moved_out', moved_out))
FROM figures
