-- Create a provisioned resource that needs no job, and write its event.  Returns a
-- row; none if one of its ids exists.
\ir resource_create.inc.sql
		'provisioned', now(), NULL, NULL)
	ON CONFLICT DO NOTHING
	RETURNING id, state
)
\ir resource_create_event.inc.sql
RETURNING NULL
