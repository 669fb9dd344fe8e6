-- What an account may do beside what everybody may: names separated by spaces, in order.
ALTER TABLE stepwell_accounts ADD COLUMN roles TEXT NOT NULL DEFAULT '';
-- When the operator shut it out; null for an account that may sign in. Milliseconds since the Unix epoch, as below.
ALTER TABLE stepwell_accounts ADD COLUMN banned_at INTEGER;
-- Null for one that has its first password.
ALTER TABLE stepwell_accounts ADD COLUMN password_changed_at INTEGER;

-- Log-ins that have not ended: each is a family of refresh tokens, of which one is current.
CREATE TABLE stepwell_sessions (
    id INTEGER PRIMARY KEY NOT NULL,
    account INTEGER NOT NULL REFERENCES stepwell_accounts (id) ON DELETE CASCADE,
    -- What carries its tokens: 'token' or 'cookie'.
    carrier TEXT NOT NULL,
    -- The beginning of its client's User-Agent.
    user_agent TEXT NOT NULL,
    -- SHA-256 of what all tokens of the family share: it tells one that was replaced from one that is made up.
    family_hash BLOB NOT NULL,
    -- SHA-256 of the current token's own part.
    current_hash BLOB NOT NULL,
    -- The same of the token before, and when it was replaced; null until the first refresh.
    previous_hash BLOB,
    replaced_at INTEGER,
    -- With the token before, this makes the current one: whoever repeats a refresh gets the same answer.
    successor_salt BLOB,
    created INTEGER NOT NULL,
    last_used INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;

CREATE INDEX stepwell_sessions_by_account ON stepwell_sessions (account, last_used);
CREATE INDEX stepwell_sessions_by_expiry ON stepwell_sessions (expires);

-- Credentials for programs.
CREATE TABLE stepwell_api_keys (
    id INTEGER PRIMARY KEY NOT NULL,
    account INTEGER NOT NULL REFERENCES stepwell_accounts (id) ON DELETE CASCADE,
    -- What it is for, in its owner's words.
    name TEXT NOT NULL,
    -- SHA-256 of the secret part.
    hash BLOB NOT NULL,
    -- Separated by spaces.
    scopes TEXT NOT NULL,
    created INTEGER NOT NULL,
    -- Days since the Unix epoch; null until it is used.
    last_used_day INTEGER,
    -- Null for one that does not expire.
    expires INTEGER
) STRICT;

CREATE INDEX stepwell_api_keys_by_account ON stepwell_api_keys (account);
CREATE INDEX stepwell_api_keys_by_expiry ON stepwell_api_keys (expires) WHERE expires IS NOT NULL;

-- The purges that revoke tokens, which a start reads: few among many.
CREATE INDEX stepwell_purges_that_revoke ON stepwell_purges (sequence)
    WHERE instr(tags, 'account/') > 0 OR instr(tags, 'session/') > 0;
