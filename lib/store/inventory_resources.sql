-- Count resources by marketplace, add-on and state, and of these by plan.  Returns up to $1
-- counts, those without a plan first, which are of all plans.  Of each add-on, the $2
-- plans with the most resources that are not deprovisioned have counts of their own; all
-- others are counted as "other".
WITH counted AS (
	SELECT marketplace, addon, state, plan, count(*) AS count
	FROM resources
	GROUP BY marketplace, addon, state, plan
),
ranked AS (
	SELECT marketplace, addon, plan, row_number() OVER (
		PARTITION BY marketplace, addon
		ORDER BY sum(count) FILTER (WHERE state <> 'deprovisioned') DESC NULLS LAST,
			plan) AS rank
	FROM counted
	WHERE plan IS NOT NULL
	GROUP BY marketplace, addon, plan
),
named AS (
	SELECT marketplace, addon, state,
		CASE WHEN rank <= $2::integer THEN plan ELSE 'other' END AS plan, count
	FROM counted
	LEFT JOIN ranked USING (marketplace, addon, plan)
)
SELECT marketplace, addon, state, plan, sum(count)::bigint
FROM named
GROUP BY GROUPING SETS ((marketplace, addon, state), (marketplace, addon, state, plan))
ORDER BY grouping(plan) DESC, marketplace, addon, state, plan
LIMIT $1::integer
