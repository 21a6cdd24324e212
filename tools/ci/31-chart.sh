# The Helm chart: every profile is linted, rendered and held against schemas, rules, the seeds' numbers and the program that it starts.
set -e
PATH="$PWD/node_modules/.bin:$PATH"
node tools/chart/install.ts
node test/chart/run.ts
