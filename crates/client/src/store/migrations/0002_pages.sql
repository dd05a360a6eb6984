-- The name of the page that a host speaks for, as the server says.
ALTER TABLE member ADD COLUMN speaks_for TEXT;
