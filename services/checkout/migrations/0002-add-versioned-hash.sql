-- What was asked under the key, as named business values; null in rows of a release that hashed the message's own text.
alter table idempotency_keys add column versioned_hash text;
