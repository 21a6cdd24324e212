# Service processes of the split shop are killed while guests buy.
PATH="$PWD/node_modules/.bin:$PATH" node test/crash/split-kills.ts --kills 10
