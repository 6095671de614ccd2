-- The columns of a claimed job j that read_job() in job.c reads.
	j.id, j.kind, j.resource, j.attempts,
	j.payload->>'plan', j.payload->>'line',
	coalesce(j.payload->>'overlap', '0'), j.payload->>'from',
	coalesce(j.payload->>'round', (SELECT verified.payload->>'round'
		FROM jobs verified WHERE verified.id = (j.payload->>'job')::bigint), '0'),
	coalesce(j.payload->>'keeps', 'false')::boolean,
	j.epoch = database_epoch(),
	j.payload->>'job', j.payload->>'kind',
	(SELECT verified.attempts
		FROM jobs verified WHERE verified.id = (j.payload->>'job')::bigint),
	j.promised_at IS NOT NULL,
	coalesce(1000 * extract(epoch FROM j.undo_at - now()), 0)::bigint
