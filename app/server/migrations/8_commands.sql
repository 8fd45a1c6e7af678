-- Commands to screens, and what became of them: JSON, device::fleet::Order and device::fleet::Acknowledgement.
CREATE TABLE commands (
    id         TEXT PRIMARY KEY,
    screen     TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    command    TEXT NOT NULL,
    outcome    TEXT
);
CREATE INDEX commands_by_screen ON commands (screen, made_at);
