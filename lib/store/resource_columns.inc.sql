-- The columns of resource r that read_resource() in resource.c reads.
SELECT r.id, r.marketplace_id, r.provider_id, encode(r.request_digest, 'hex'),
	r.name, r.plan, r.region, r.options, r.callback_url, r.log_input_url,
	r.logplex_token, r.log_drain_token, r.log_drain_url,
	r.state, r.config, r.message, r.plan_message, r.version, r.grant_code,
	r.access_token IS NOT NULL, r.promised_at IS NOT NULL
