-- Count resources by marketplace, add-on and state.  Returns up to $1 counts.
SELECT marketplace, addon, state, count(*)
FROM resources
GROUP BY marketplace, addon, state
ORDER BY marketplace, addon, state
LIMIT $1::integer
