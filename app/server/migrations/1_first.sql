-- Instants are milliseconds since the Unix epoch. The same statements run on SQLite and PostgreSQL.
CREATE TABLE screens (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    board      TEXT NOT NULL,
    device     TEXT NOT NULL UNIQUE,
    device_key TEXT NOT NULL,
    model      TEXT NOT NULL,
    serial     TEXT NOT NULL,
    software   TEXT NOT NULL,
    address    TEXT NOT NULL,
    added_at   BIGINT NOT NULL
);

CREATE TABLE admin_sessions (
    token_hash TEXT PRIMARY KEY,
    started_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE samples (
    scope  TEXT NOT NULL,
    series TEXT NOT NULL,
    at     BIGINT NOT NULL,
    count  BIGINT NOT NULL,
    PRIMARY KEY (scope, series, at)
);

-- Of which desk the samples are.
CREATE TABLE history (
    desk TEXT NOT NULL
);

CREATE TABLE audit (
    id      TEXT PRIMARY KEY,
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT NOT NULL
);
CREATE INDEX audit_by_time ON audit (at);
