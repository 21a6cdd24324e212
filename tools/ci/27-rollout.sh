# Every replica of a shop with two of each service is restarted under load, behind HAProxy; one service is updated and rolled back.
source tools/ci/lib/debian.sh
need_debian haproxy
PATH="$PWD/node_modules/.bin:$PATH" node test/rollout/rolling.ts
