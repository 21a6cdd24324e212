# Blue-green, canary and rolling with real processes behind HAProxy, under load: good versions come and go unseen, bad ones are taken back.
source tools/ci/lib/debian.sh
need_debian haproxy
PATH="$PWD/node_modules/.bin:$PATH" node test/rollout/rehearsals.ts --requests 3000 --observe 6
