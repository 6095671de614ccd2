-- True for the job of a plan change that the marketplace was promised.  One of an
-- earlier epoch does not count: it is unknown what responses the marketplace has got
-- since then.
kind = 'change-plan' AND promised_at IS NOT NULL AND epoch = database_epoch()
