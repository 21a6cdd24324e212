-- Guests who signed in: what they were quoted and promised as guests counts for their accounts.
create table joined_guests (
  guest_id uuid primary key,
  user_id uuid not null,
  joined_at timestamptz not null default now()
);
create index joined_guests_user on joined_guests (user_id);
create index joined_guests_age on joined_guests (joined_at);
