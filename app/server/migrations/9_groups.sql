-- The group of screens to which a screen belongs, if it does.
ALTER TABLE screens ADD COLUMN screen_group TEXT;
