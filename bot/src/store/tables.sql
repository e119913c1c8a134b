-- Moments are milliseconds since 1970. JSON is that of the types in the code.

-- What was heard on a platform. The body goes when it is answered; the id stays for some hours, since platforms deliver again.
CREATE TABLE heard (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    body TEXT,
    answer TEXT,
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX heard_waiting ON heard (at) WHERE body IS NOT NULL;

-- Messages that are to stand in a channel exactly once.
CREATE TABLE intents (
    key TEXT PRIMARY KEY,
    place TEXT NOT NULL,
    route TEXT NOT NULL,
    made INTEGER NOT NULL,
    sent TEXT
);
CREATE INDEX intents_pending ON intents (made) WHERE sent IS NULL;

CREATE TABLE reports (
    id TEXT PRIMARY KEY,
    made INTEGER NOT NULL,
    account TEXT,
    region TEXT,
    -- What the report says of itself.
    of_account TEXT,
    of_region TEXT,
    cluster TEXT,
    service TEXT,
    task TEXT,
    outcome TEXT NOT NULL,
    cause TEXT,
    report TEXT NOT NULL,
    evidence TEXT,
    asked TEXT NOT NULL
);
CREATE INDEX reports_by_age ON reports (made);
CREATE INDEX reports_by_task ON reports (task, made);
CREATE INDEX reports_by_service ON reports (cluster, service, made);

-- What the buttons of messages offer.
CREATE TABLE choices (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    choices TEXT NOT NULL
);
CREATE INDEX choices_by_age ON choices (at);

-- What AWS told over the queue.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    received INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Whose it is: account, region, cluster and service or family in one; empty where it is nobody's.
    owner TEXT NOT NULL,
    -- Stops that differ in nothing that matters have the same.
    kin TEXT NOT NULL,
    cluster TEXT,
    service TEXT,
    task TEXT,
    body TEXT NOT NULL,
    waits INTEGER NOT NULL,
    tries INTEGER NOT NULL DEFAULT 0,
    -- The thread that it is counted in.
    thread INTEGER
);
CREATE INDEX events_waiting ON events (owner, at, seq) WHERE waits = 1;
CREATE INDEX events_by_age ON events (received);
CREATE INDEX events_by_task ON events (task) WHERE task IS NOT NULL;

-- One failure of a service or family for one cause, from its first task to its recovery.
CREATE TABLE threads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    owner TEXT NOT NULL,
    cause TEXT NOT NULL,
    title TEXT NOT NULL,
    report TEXT NOT NULL,
    opened INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    tasks INTEGER NOT NULL DEFAULT 0,
    closed INTEGER,
    how TEXT,
    -- How often it failed again soon after it had recovered.
    again INTEGER NOT NULL DEFAULT 0,
    rolled_back INTEGER NOT NULL DEFAULT 0,
    memory TEXT,
    -- Grows with each change; a card that shows less is to be edited.
    version INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX threads_by_owner ON threads (owner, cause, opened);

-- Which stops were diagnosed, and for which thread.
CREATE TABLE kins (
    kin TEXT NOT NULL,
    thread INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    owner TEXT NOT NULL,
    PRIMARY KEY (kin, thread)
);

-- Stops that need no card, so that they are not diagnosed again and again.
CREATE TABLE silent (
    kin TEXT PRIMARY KEY,
    at INTEGER NOT NULL
);

-- When a service was last well.
CREATE TABLE recovered (
    owner TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    how TEXT
);

-- One card for many threads, where a channel would get too many.
CREATE TABLE summaries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    place TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    opened INTEGER NOT NULL,
    held INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    shown INTEGER NOT NULL DEFAULT 0,
    shown_at INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX summaries_by_place ON summaries (place, opened);

-- A thread's card in one place.
CREATE TABLE cards (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    thread INTEGER NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    place TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    made INTEGER NOT NULL,
    summary INTEGER REFERENCES summaries (id) ON DELETE SET NULL,
    -- Not before then: it is quiet there.
    held INTEGER NOT NULL DEFAULT 0,
    shown INTEGER NOT NULL DEFAULT 0,
    shown_at INTEGER NOT NULL DEFAULT 0,
    -- It cannot be said there.
    dead INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX cards_by_thread ON cards (thread);
CREATE INDEX cards_by_place ON cards (place, made);
