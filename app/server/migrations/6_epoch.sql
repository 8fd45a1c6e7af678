-- Of which epoch a session is: those of another one than auth.json names have ended.
ALTER TABLE admin_sessions ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
ALTER TABLE viewer_sessions ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
