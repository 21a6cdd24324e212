# A shop is saved under load, destroyed and brought back, in one process and in split mode; backups are damaged, commands killed.
PATH="$PWD/node_modules/.bin:$PATH" node test/backup/backup.ts
