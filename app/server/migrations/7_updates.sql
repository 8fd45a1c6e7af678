-- How each screen said that it is, as JSON: device::fleet::Health.
CREATE TABLE device_health (
    screen  TEXT PRIMARY KEY,
    told_at BIGINT NOT NULL,
    health  TEXT NOT NULL
);

-- Screens from which an administrator holds updates back.
CREATE TABLE held_screens (
    screen TEXT PRIMARY KEY
);
