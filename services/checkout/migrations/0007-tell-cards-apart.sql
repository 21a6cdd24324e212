-- Tells cards under one key apart, under a secret that is in no database; null where no card came, and in rows of releases before.
alter table idempotency_keys add column card_fingerprint text;
