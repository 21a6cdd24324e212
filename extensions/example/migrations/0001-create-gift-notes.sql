-- What somebody wants to say with their next order, and from then on with this one.
create table gift_notes (
  note_id uuid primary key default gen_random_uuid(),
  user_id uuid not null,
  text text not null check (length(text) between 1 and 300),
  order_id uuid unique,
  order_number text,
  attached_at timestamptz
);

-- One note of each user waits.
create unique index gift_notes_waiting on gift_notes (user_id) where order_id is null;
create index gift_notes_newest on gift_notes (attached_at desc) where order_id is not null;
