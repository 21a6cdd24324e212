-- Pages of the release before read versions of fifteen digits at most: in the unit of 1/256 ms they have no more until the year 2093.
create or replace function next_cart_version(p_version bigint, p_now timestamptz) returns bigint language sql volatile as $$
  select greatest(p_version + 1, floor(extract(epoch from p_now) * 1000)::bigint * 256 + floor(random() * 256)::bigint)
$$;
