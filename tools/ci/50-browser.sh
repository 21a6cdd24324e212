# The shop in a real browser: phone and desk, with and without scripts.
source tools/ci/lib/debian.sh
need_debian chromium || exit 1
PATH="$PWD/node_modules/.bin:$PATH" node test/browser/run.ts
