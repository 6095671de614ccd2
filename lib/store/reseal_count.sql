-- Count the values of a page by the key that sealed them.  Returns for each key
-- the page's last id, the key, the number of values and one of them,
-- as an array with the identity of its resource and the number of its column.
\ir reseal_page.inc.sql
SELECT last.id, key, count(value),
	min(json_build_array(identity, number, value)::text COLLATE "C")
FROM last LEFT JOIN sealed ON true
GROUP BY last.id, key
