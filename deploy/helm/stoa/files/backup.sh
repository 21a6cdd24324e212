#!/bin/sh
# Copies every database of the server to /backup/<time>/, a file for each, and then removes copies that are older than KEEP_DAYS days.
# PGHOST, PGUSER and PGPASSWORD say where and who.
set -eu
umask 077

target=/backup/$(date -u +%Y-%m-%dT%H-%M-%SZ)
tries=0
until pg_isready --quiet; do
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || { echo "PostgreSQL at $PGHOST did not answer for ten minutes: nothing was copied."; exit 1; }
  sleep 2
done

mkdir "$target.part"
# Passwords are in the secrets; the job "databases" gives them to the roles again.
pg_dumpall --roles-only --no-role-passwords --file="$target.part/roles.sql"
databases=$(psql --no-psqlrc --tuples-only --no-align --command="
  select datname from pg_database
  where datallowconn and not datistemplate and datname not in ('postgres', 'rdsadmin') and datname not like 'restore\_test\_%'
  order by datname")
for database in $databases; do
  pg_dump --format=custom --file="$target.part/$database.dump" --dbname="$database"
  # A file that cannot be read to its end is no copy.
  pg_restore --file=/dev/null "$target.part/$database.dump"
  echo "$database: $(du -k "$target.part/$database.dump" | cut -f1) KiB"
done
mv "$target.part" "$target"
echo "All databases are in $target."

find /backup -mindepth 1 -maxdepth 1 -type d -name '????-??-??T*' -mtime "+$KEEP_DAYS" -exec rm -rf {} +
