# PostgreSQL is killed under load, again and again.
PATH="$PWD/node_modules/.bin:$PATH" node test/crash/postgres-kills.ts --kills 8
