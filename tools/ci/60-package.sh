# The shop as a package: made, installed, tested, started and upgraded in a clean folder; every guide followed there.
PATH="$PWD/node_modules/.bin:$PATH" node test/package/run.ts
