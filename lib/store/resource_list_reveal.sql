-- Write the event that $2 is shown the config vars of resource $1.
INSERT INTO events (resource, what, actor)
VALUES ($1, 'revealed', $2)
