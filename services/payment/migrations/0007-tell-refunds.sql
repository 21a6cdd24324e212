-- Refunds that the provider made by itself are told to the order, each once; those from before this are told by the job.
alter table payment_refunds add column told_at timestamptz;
