-- Record in an event that $2 sees the config vars of resource $1.
INSERT INTO events (resource, event, actor)
VALUES ($1, 'config-revealed', $2)
