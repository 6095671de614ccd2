-- Count the events of each day from $4 to before $5, two midnights in UTC, of the
-- resources of marketplace $2 and add-on $3 (NULL: any), by the value that they had then
-- in the column $1.  $6 is the result of report_lives.sql for these and more days.
-- Returns a JSON object for each day and value, in this order.
--
-- Lives are known forever, but plans come from events.  A figure is null for a day of
-- which some of its events have been removed (0005_retention.sql).
WITH
\ir report_plans.inc.sql
happened AS MATERIALIZED (
	SELECT (e.at AT TIME ZONE 'UTC')::date AS day, e.id, e.event,
		coalesce(CASE $1 WHEN 'addon' THEN r.addon
			WHEN 'marketplace' THEN r.marketplace
			WHEN 'plan' THEN coalesce(p.plan, r.plan)
			WHEN 'region' THEN r.region END, '') AS value,
		extract(epoch FROM e.at - r.created_at) AS age,
		e.before->>'plan' AS old_plan, e.after->>'plan' AS new_plan
	FROM events e JOIN resources r ON r.id = e.resource
	LEFT JOIN plans p ON p.resource = r.id
		AND e.at >= p.began_at AND e.at < p.ended_at
	WHERE e.at >= $4 AND e.at < $5::timestamptz
		AND ($2::text IS NULL OR r.marketplace = $2)
		AND ($3::text IS NULL OR r.addon = $3)
		AND e.event IN ('provisioned', 'refused', 'abandoned', 'restored', 'signed-on',
			'plan-changed', 'plan-change-reverted', 'imported')
), creations AS (
	SELECT day, value,
		round(percentile_disc(0.5) WITHIN GROUP (ORDER BY age)
			FILTER (WHERE event = 'provisioned'), 2) AS ready_median,
		round(percentile_disc(0.95) WITHIN GROUP (ORDER BY age)
			FILTER (WHERE event = 'provisioned'), 2) AS ready_95,
		count(*) FILTER (WHERE event IN ('refused', 'abandoned')) AS failed,
		count(*) FILTER (WHERE event = 'restored') AS restored
	FROM happened
	WHERE event IN ('provisioned', 'refused', 'abandoned', 'restored')
	GROUP BY day, value
), changed AS (
	SELECT day, value, sum(count) AS plan_changes,
		json_agg(json_build_object('from', old_plan, 'to', new_plan, 'count', count)
			ORDER BY old_plan, new_plan) AS changes
	FROM (
		SELECT day, value, old_plan, new_plan, count(*)
		FROM happened
		WHERE event IN ('plan-changed', 'plan-change-reverted', 'imported')
			AND old_plan <> new_plan
		GROUP BY day, value, old_plan, new_plan
	) pairs
	GROUP BY day, value
), sign_ons AS (
	SELECT day, value, sum(count) AS sign_ons, count(person) AS people
	FROM (
		SELECT h.day, h.value, lower(coalesce(p.email, p.user_id)) AS person, count(*)
		FROM happened h LEFT JOIN event_people p ON p.event = h.id
		WHERE h.event = 'signed-on'
		GROUP BY 1, 2, 3
	) visitors
	GROUP BY day, value
), lives AS (
	SELECT *
	FROM json_to_recordset($6::json) AS life (day date, value text, live_before bigint,
		live bigint, new bigint, gone bigint, moved_in bigint, moved_out bigint)
	WHERE day::timestamp AT TIME ZONE 'UTC' >= $4
		AND day::timestamp AT TIME ZONE 'UTC' < $5
), figures AS (
	SELECT *
	FROM lives FULL JOIN changed USING (day, value)
		FULL JOIN creations USING (day, value) FULL JOIN sign_ons USING (day, value)
), kept AS (
	-- Since when nothing has been removed.
	SELECT max(since) FILTER (WHERE subject = 'events') AS events_since,
		max(since) AS people_since
	FROM (
		SELECT subject, CASE WHEN removed > 0 THEN coalesce(CASE subject
			WHEN 'events' THEN (SELECT at FROM events ORDER BY id LIMIT 1)
			ELSE (SELECT at FROM event_people ORDER BY event LIMIT 1)
			END, now()) ELSE '-infinity' END AS since
		FROM retention
		WHERE subject IN ('events', 'event_people')
	) subjects
)
SELECT json_build_object('day', day, 'value', nullif(value, ''),
	'so_far', day = (now() AT TIME ZONE 'UTC')::date,
	'live_before', CASE WHEN has_lives THEN coalesce(live_before, 0) END,
	'live', CASE WHEN has_lives THEN coalesce(live, 0) END,
	'new', CASE WHEN has_lives THEN coalesce(new, 0) END,
	'gone', CASE WHEN has_lives THEN coalesce(gone, 0) END,
	'churn', CASE WHEN has_lives
		THEN round(100 * coalesce(gone, 0)::numeric / nullif(live_before, 0), 2) END,
	'moved_in', CASE WHEN has_lives THEN coalesce(moved_in, 0) END,
	'moved_out', CASE WHEN has_lives THEN coalesce(moved_out, 0) END,
	'plan_changes', CASE WHEN has_events THEN coalesce(plan_changes, 0) END,
	'changes', CASE WHEN has_events THEN coalesce(changes, '[]') END,
	'sign_ons', CASE WHEN has_events THEN coalesce(sign_ons, 0) END,
	'people', CASE WHEN has_people THEN coalesce(people, 0) END,
	'ready_median', CASE WHEN has_events THEN ready_median END,
	'ready_95', CASE WHEN has_events THEN ready_95 END,
	'failed', CASE WHEN has_events THEN coalesce(failed, 0) END,
	'restored', CASE WHEN has_events THEN coalesce(restored, 0) END,
	'removed', CASE WHEN NOT has_events THEN 'events'
		WHEN NOT has_people THEN 'people' END)
FROM figures CROSS JOIN kept
CROSS JOIN LATERAL (SELECT day::timestamp AT TIME ZONE 'UTC' AS midnight) d
CROSS JOIN LATERAL (SELECT midnight >= events_since AS has_events,
	midnight >= people_since OR midnight >= events_since AND sign_ons IS NULL AS has_people,
	midnight >= events_since OR $1 IS DISTINCT FROM 'plan' AS has_lives) has
ORDER BY day, nullif(value, '')
