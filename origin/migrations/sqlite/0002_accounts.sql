-- Who may sign in.
CREATE TABLE stepwell_accounts (
    id INTEGER PRIMARY KEY NOT NULL,
    -- In lower case, since an address is one account however it is typed.
    email TEXT NOT NULL UNIQUE,
    -- Argon2id in PHC form, parameters and salt included.
    password_hash TEXT NOT NULL,
    -- Milliseconds since the Unix epoch.
    created INTEGER NOT NULL
) STRICT;
