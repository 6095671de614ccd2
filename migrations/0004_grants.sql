-- provisor check counts the grants that were missed lately.
CREATE INDEX ON events (at) WHERE what = 'grant-missed';
