-- When a job came to be, for whoever looks at what is left to do.
ALTER TABLE jobs ADD COLUMN created_at timestamptz NOT NULL DEFAULT now();
