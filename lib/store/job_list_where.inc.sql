-- Selects jobs.  A NULL parameter is ignored: $1 is a job number, $2 a kind, and
-- $3 an id of the resource (also in $4 if it is a UUID).  If $5, only jobs that
-- have given up or are held; unless $6, only unfinished jobs.  $7 and $8 are the
-- marketplace and the add-on of the resource.
WHERE ($1::bigint IS NULL OR id = $1)
	AND ($2::text IS NULL OR kind = $2)
	AND ($3::text IS NULL OR resource = ANY (ARRAY(SELECT id FROM resources
		WHERE id = $4::uuid
			OR marketplace_id IN ($3, $4::text)
			OR provider_id IN ($3, $4::text))))
	AND (NOT $5::boolean OR run_at = 'infinity')
	AND ($6::boolean OR finished_at IS NULL AND timed_at > '-infinity')
	AND ($7::text IS NULL AND $8::text IS NULL
		OR resource IN (SELECT id FROM resources
			WHERE ($7 IS NULL OR marketplace = $7)
				AND ($8 IS NULL OR addon = $8)))
