-- Grants are exchanged before all else is done (job_claim_next()).
CREATE INDEX ON jobs (run_at) WHERE finished_at IS NULL AND kind = 'exchange';
