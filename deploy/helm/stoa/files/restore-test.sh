#!/bin/sh
# Puts the newest copy back into databases of its own, looks whether the tables and their rows are there, and drops them again.
set -eu
# PostgreSQL says of what is not there that it skips it.
export PGOPTIONS="-c client_min_messages=warning"

newest=$(find /backup -mindepth 1 -maxdepth 1 -type d -name '????-??-??T*Z' | sort | tail -n 1)
[ -n "$newest" ] || { echo "There is no copy in /backup to test."; exit 1; }
restored=
trap 'if [ -n "$restored" ]; then dropdb --if-exists --force "$restored"; fi' EXIT

count=0
for file in "$newest"/*.dump; do
  [ -f "$file" ] || continue
  database=$(basename "$file" .dump)
  restored="restore_test_$database"
  dropdb --if-exists --force "$restored"
  createdb --template=template0 "$restored"
  pg_restore --exit-on-error --no-owner --no-privileges --dbname="$restored" "$file"
  rows=$(psql --no-psqlrc --tuples-only --no-align --dbname="$restored" --command="
    select coalesce(sum((xpath('/row/n/text()',
      query_to_xml(format('select count(*) as n from %I.%I', table_schema, table_name), false, true, '')))[1]::text::bigint), 0)
    from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')")
  echo "$database: $rows rows came back."
  dropdb --force "$restored"
  restored=
  count=$((count + 1))
done
[ "$count" -gt 0 ] || { echo "The newest copy, $newest, holds no database."; exit 1; }
echo "All $count databases of $newest can be restored."
