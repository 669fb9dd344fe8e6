-- Each change of who may do what, written in the transaction that makes the change; forgotten after access.audit_keep.
-- It names accounts by their ids, which mean nobody once an account is gone, and holds no secret.
CREATE TABLE stepwell_audit (
    -- In the order in which the changes were made.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    -- A word of src/audit.rs, such as 'password-changed'.
    what TEXT NOT NULL,
    -- Who did it: 'anybody', 'account', 'operator' or 'command'.
    actor TEXT NOT NULL,
    -- The account of whoever did it, where they had one.
    actor_account INTEGER,
    -- The account that it was done to.
    account INTEGER,
    -- What the word leaves open: roles, the id of a key, tags.
    detail TEXT NOT NULL,
    -- The network that the request came from, where it is known.
    address TEXT,
    -- The trace of the request, in hexadecimal digits.
    trace TEXT
) STRICT;

CREATE INDEX stepwell_audit_by_account ON stepwell_audit (account, id) WHERE account IS NOT NULL;
CREATE INDEX stepwell_audit_by_time ON stepwell_audit (at);

-- Rows come and, when their time is up, go. None is changed.
CREATE TRIGGER stepwell_audit_stays BEFORE UPDATE ON stepwell_audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is not changed');
END;
