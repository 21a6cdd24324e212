# Rules, alerts, dashboards and runbooks: promtool and amtool on the files, then each fault of a running shop and the alert that must tell of it.
set -e
source tools/ci/lib/debian.sh
need_debian prometheus prometheus-alertmanager || true
PATH="$PWD/node_modules/.bin:$PATH" node test/monitoring/run.ts --only units
