-- Count the resources whose marketplace has another plan, because a plan change that
-- it was promised was refused or cancelled.  Returns the number and the id of one.
SELECT count(*), min(id::text)
FROM resources
WHERE marketplace_plan IS NOT NULL
