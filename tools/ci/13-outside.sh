# What needs programs beyond npm: Redis, RabbitMQ, PgBouncer. Where one cannot be installed, its tests are skipped by name.
source tools/ci/lib/debian.sh
for package in redis-server redis-sentinel rabbitmq-server pgbouncer; do
  need_debian "$package"
done
mapfile -t files < <(git ls-files "*.outside.ts" ":!test/chart" ":!test/cloud")
[ "${#files[@]}" -gt 0 ] || { echo "0 passed, 0 failed"; exit 0; }
npm test -- "${files[@]}"
