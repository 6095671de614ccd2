-- Selects jobs.  A NULL parameter is ignored: $1 is a job number, $2 a kind, and
-- $3 our id of the resource.  If $4, only jobs that have given up or are held; unless
-- $5, only unfinished jobs.  $6 and $7 are the marketplace and the add-on of the
-- resource.
WHERE ($1::bigint IS NULL OR id = $1)
	AND ($2::text IS NULL OR kind = $2)
	AND ($3::uuid IS NULL OR resource = $3)
	AND (NOT $4::boolean OR run_at = 'infinity')
	AND ($5::boolean OR finished_at IS NULL AND timed_at > '-infinity')
	AND ($6::text IS NULL AND $7::text IS NULL
		OR resource IN (SELECT id FROM resources
			WHERE ($6 IS NULL OR marketplace = $6)
				AND ($7 IS NULL OR addon = $7)))
