-- List the values of a page that a key other than $4 sealed.  Returns for each
-- the page's last id, its own id, its resource's identity, the number of its
-- column and the value.
\ir reseal_page.inc.sql
SELECT last.id, sealed.id, identity, number, value
FROM last LEFT JOIN sealed ON key <> $4
