-- Words that no product has any more are forgotten, some time after they were found unused. A product that brings one back in the
-- meantime takes its row, so that a sweep that runs at the same moment leaves it.
alter table search_words add column unused_at timestamptz;
create index search_words_unused on search_words (unused_at) where unused_at is not null;

create or replace function learn_search_words() returns trigger language plpgsql as $$
begin
  insert into search_words (word)
  select distinct word collate "C" as learned from written, unnest(tsvector_to_array(search)) as word
  where word ~ '^[[:alpha:]]{3,24}$'
  order by learned
  on conflict (word) do update set unused_at = null where search_words.unused_at is not null;
  return null;
end $$;
