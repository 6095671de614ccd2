-- True for the job of a plan change that the marketplace was promised.  One of an
-- earlier epoch does not count: what the marketplace was told since then is unknown.
kind = 'change-plan' AND promised_at IS NOT NULL AND epoch = database_epoch()
