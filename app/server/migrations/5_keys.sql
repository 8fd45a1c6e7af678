-- Which generation of its device's key a screen is at: device_key is the present one, next_key was handed in and not used
-- yet. key_since is when the present one was first used, in seconds; none for the one that the device joined with.
ALTER TABLE screens ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
ALTER TABLE screens ADD COLUMN next_key TEXT;
ALTER TABLE screens ADD COLUMN key_since BIGINT;

-- Since when a screen gets nothing, because two devices have its identity.
ALTER TABLE screens ADD COLUMN suspended_at BIGINT;

-- The keys of generations before: who comes with one of them is another device.
CREATE TABLE replaced_keys (
    screen     TEXT NOT NULL,
    generation BIGINT NOT NULL,
    device_key TEXT NOT NULL,
    PRIMARY KEY (screen, generation)
);
