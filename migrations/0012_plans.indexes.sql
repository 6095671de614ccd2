-- The index of the numbers of resources in /metrics.

-- A count of a million resources reads it instead of the table.  It is small, because
-- PostgreSQL stores each of its few different values once.
SELECT 'resources_plans', 'resources', '(marketplace, addon, state, plan)'
