-- Facts about the database itself. `epoch` names its timeline: 32 random bits, new after each restore.
CREATE TABLE stepwell_meta (
    name TEXT PRIMARY KEY NOT NULL,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO stepwell_meta (name, value) VALUES ('epoch', random() & 0xffffffff);

-- What each write purged, written with it. AUTOINCREMENT: a sequence is never given twice, also after old rows went.
CREATE TABLE stepwell_purges (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Separated by spaces: a path's tag may hold a comma, none holds a space.
    tags TEXT NOT NULL,
    -- Milliseconds since the Unix epoch.
    at INTEGER NOT NULL
) STRICT;
