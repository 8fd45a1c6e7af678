-- Since when the rules watch which desk, and what they have told of which subject.
CREATE TABLE alert_watch (
    desk  TEXT NOT NULL,
    since BIGINT NOT NULL
);
CREATE TABLE alert_marks (
    rule    TEXT NOT NULL,
    subject TEXT NOT NULL,
    told_at BIGINT NOT NULL,
    PRIMARY KEY (rule, subject)
);

-- Alerts, and how far their delivery has come: pending, delivered, given_up, or unsent where no webhook was set.
CREATE TABLE alerts (
    number   BIGINT PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    at       BIGINT NOT NULL,
    rule     TEXT NOT NULL,
    summary  TEXT NOT NULL,
    body     TEXT NOT NULL,
    delivery TEXT NOT NULL,
    tries    BIGINT NOT NULL,
    next_at  BIGINT NOT NULL,
    told     TEXT NOT NULL
);
CREATE INDEX alerts_by_delivery ON alerts (delivery, number);

-- The webhook that said 410 Gone: nothing is sent to it until another one is set.
CREATE TABLE webhook_gone (
    revision TEXT NOT NULL
);
