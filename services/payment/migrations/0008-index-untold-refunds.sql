-- no transaction: refunds are written all the time
create index concurrently if not exists payment_refunds_untold on payment_refunds (payment_id)
  where status = 'done' and told_at is null;
