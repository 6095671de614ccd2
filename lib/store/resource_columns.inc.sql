-- The columns of a resource that read_resource() in resource.c reads.
SELECT r.id, r.marketplace, r.addon, r.marketplace_id, r.provider_id,
	encode(r.request_digest, 'hex'), r.name, r.plan, r.region, r.options,
	r.owner, r.callback_url, r.log_input_url, r.log_drain_token, r.log_drain_url,
	r.config, r.message, r.plan_message, r.version, g.code,
	r.state,
	g.access_token IS NOT NULL,
	g.access_token IS NOT NULL
		OR g.code IS NOT NULL AND g.code_expires_at > now(),
	EXISTS (SELECT FROM jobs
		WHERE resource = r.id AND finished_at IS NULL AND lane = 'listener'),
	r.promised_at IS NOT NULL,
	coalesce(r.promise_expires_at < now(), false)
FROM resources r LEFT JOIN grants g ON g.resource = r.id
