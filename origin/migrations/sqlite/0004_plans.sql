-- Each change to the tables of collections, with the steps that were taken.
CREATE TABLE stepwell_plans (
    id INTEGER PRIMARY KEY NOT NULL,
    -- Milliseconds since the Unix epoch.
    at INTEGER NOT NULL,
    -- A JSON array of {"effect", "step"}.
    steps TEXT NOT NULL
) STRICT;
