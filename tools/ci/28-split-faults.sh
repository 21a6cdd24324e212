# Every service and the database of the split shop is killed under load, the heart of it stopped and slowed, too.
PATH="$PWD/node_modules/.bin:$PATH" node test/crash/split-faults.ts --ci
