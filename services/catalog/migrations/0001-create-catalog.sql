create extension if not exists pg_trgm;

-- What search compares: small letters without accents.
create function folded(words text) returns text language sql immutable parallel safe strict as
$$ select lower(regexp_replace(normalize(words, NFD), '[\u0300-\u036F]', '', 'g')) $$;

create table categories (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name text not null check (length(name) between 1 and 80),
  description text not null default '',
  parent_id uuid references categories,
  position integer not null generated always as identity
);
create index categories_parent on categories (parent_id);

create table products (
  id uuid primary key,
  code text not null check (code ~ '^[A-Z0-9]{10}$'),
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  name text not null check (length(name) between 1 and 200),
  description text not null,
  price_minor bigint not null check (price_minor >= 0),
  currency_code char(3) not null,
  -- Slug of the primary category.
  category text not null references categories (slug),
  image_url text not null default '',
  attributes jsonb not null default '{}' check (jsonb_typeof(attributes) = 'object'),
  -- Further words that find the product: its keywords, SKUs and options.
  keywords text not null default '',
  is_demo boolean not null default false,
  -- Milliseconds, so that a cursor loses nothing.
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  deleted_at timestamptz,
  sort_name text not null generated always as (folded(name)) stored,
  search tsvector not null generated always as (
    setweight(to_tsvector('simple', folded(name)), 'A') || setweight(to_tsvector('english', folded(name)), 'A') ||
    setweight(to_tsvector('simple', folded(keywords || ' ' || category)), 'B') ||
    setweight(to_tsvector('english', folded(keywords || ' ' || category)), 'B') ||
    setweight(jsonb_to_tsvector('simple', attributes, '["string"]'), 'C') ||
    setweight(to_tsvector('english', folded(description)), 'D')
  ) stored
);
-- A deleted product frees its code, slug and SKUs.
create unique index products_code on products (code) where deleted_at is null;
create unique index products_slug on products (slug) where deleted_at is null;
create index products_newest on products (created_at, id) where deleted_at is null;
create index products_name on products (sort_name, id) where deleted_at is null;
create index products_price on products (price_minor, id) where deleted_at is null;
create index products_attributes on products using gin (attributes jsonb_path_ops);
create index products_search on products using gin (search);
-- For the plain substring search of the hipstershop contract.
create index products_substring on products using gin (lower(name) gin_trgm_ops, lower(description) gin_trgm_ops);

create table product_categories (
  product_id uuid not null references products,
  category_id uuid not null references categories,
  -- 0 is the primary one.
  position integer not null,
  primary key (product_id, category_id)
);
create index product_categories_category on product_categories (category_id, product_id);

create table product_variants (
  -- The first variant's id is the product's.
  id uuid primary key,
  product_id uuid not null references products,
  position integer not null,
  sku text not null check (length(sku) between 1 and 64),
  options jsonb not null default '{}' check (jsonb_typeof(options) = 'object'),
  price_minor bigint not null check (price_minor >= 0),
  deleted_at timestamptz
);
create unique index product_variants_sku on product_variants (sku) where deleted_at is null;
create index product_variants_product on product_variants (product_id);

-- Words that occur in products, each with what is left when any one letter is missing: so a mistyped word finds them.
create function letters_missing(word text) returns text[] language sql immutable parallel safe strict as
$$ select array_agg(overlay(word placing '' from place for 1)) || word from generate_series(1, length(word)) as place $$;

create table search_words (
  word text collate "C" primary key,
  near text[] not null generated always as (letters_missing(word)) stored
);
create index search_words_near on search_words using gin (near);
create index search_words_inside on search_words using gin (word gin_trgm_ops);

create function learn_search_words() returns trigger language plpgsql as $$
begin
  insert into search_words (word)
  select distinct word collate "C" as learned from written, unnest(tsvector_to_array(search)) as word
  where word ~ '^[[:alpha:]]{3,24}$'
  order by learned
  on conflict do nothing;
  return null;
end $$;

create trigger learn_inserted after insert on products referencing new table as written
  for each statement execute function learn_search_words();
create trigger learn_updated after update on products referencing new table as written
  for each statement execute function learn_search_words();
