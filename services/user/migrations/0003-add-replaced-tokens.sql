-- Which token a pair was given out for, so that pages opened together may each get one, and a token from further back may not.
alter table refresh_tokens add column replaces bytea;
