-- Access links. Of a link's key there is only a hash; the networks are in CIDR notation, none for everywhere.
CREATE TABLE access_links (
    id         TEXT PRIMARY KEY,
    key_hash   TEXT NOT NULL,
    name       TEXT NOT NULL,
    board      TEXT NOT NULL,
    networks   TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    uses       BIGINT NOT NULL,
    used       BIGINT NOT NULL,
    revoked_at BIGINT
);

-- By which link a screen joined; none where an administrator typed its code.
ALTER TABLE screens ADD COLUMN link TEXT;
