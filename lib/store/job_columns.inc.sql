-- The columns of a claimed job j that read_job() in job.c reads.
	j.id, j.kind, j.resource, j.attempts,
	j.payload->>'plan', j.payload->>'line',
	coalesce(j.payload->>'overlap', '0'),
	coalesce(j.payload->>'round', '0')
