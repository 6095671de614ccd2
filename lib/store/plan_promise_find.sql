-- Find the promised plan change of resource $1 that is under way.  Returns its plan
-- and when it was promised, for people; no row if there is none.
SELECT payload->>'plan', to_char(promised_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"')
FROM jobs
WHERE resource = $1 AND finished_at IS NULL AND
\ir promised_plan_change.inc.sql
