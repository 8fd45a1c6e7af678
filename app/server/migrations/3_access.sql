-- Where a session is used, for the administrator who looks for one that should not be there.
ALTER TABLE admin_sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_sessions ADD COLUMN agent TEXT NOT NULL DEFAULT '';
ALTER TABLE admin_sessions ADD COLUMN seen_at BIGINT NOT NULL DEFAULT 0;

-- Browsers that may look at boards: by the passcode, or by an access link. Their tokens are not kept.
CREATE TABLE viewer_sessions (
    id         TEXT PRIMARY KEY,
    link       TEXT,
    address    TEXT NOT NULL,
    agent      TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- For whom a link is: screens, which join by it, or browsers, which look by it at some boards and perhaps some clients.
ALTER TABLE access_links ADD COLUMN kind TEXT NOT NULL DEFAULT 'screens';
ALTER TABLE access_links ADD COLUMN clients TEXT;
