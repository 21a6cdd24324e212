# What migrations do to tables, held against a server's own locks; then the release before this one: its tests on the schema of this one, and its
# processes beside ours on the same databases.
npm test -- test/upgrades/statement-effects.long.ts
PATH="$PWD/node_modules/.bin:$PATH" node test/rollout/previous-release.ts
