-- Answers to creates that carried an Idempotency-Key, written with the create, so that a repeat gets the same answer.
CREATE TABLE stepwell_idempotency (
    -- Whose key it is: an account and a route. Two callers may choose the same key.
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    -- SHA-256 of what the request asked for: a repeat that asks for something else is refused.
    fingerprint BLOB NOT NULL,
    status INTEGER NOT NULL,
    -- A JSON array of pairs: headers that the answer had beside those of every answer.
    headers TEXT NOT NULL,
    body BLOB NOT NULL,
    -- The log position of the create, as its bookmark says it.
    position TEXT NOT NULL,
    -- Milliseconds since the Unix epoch.
    at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT;

CREATE INDEX stepwell_idempotency_by_age ON stepwell_idempotency (at);
