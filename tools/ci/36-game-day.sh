# Two game days on a shop of thirteen processes: faults are injected under load, and people see what was expected of it.
PATH="$PWD/node_modules/.bin:$PATH" node test/game-days/run.ts recommendations-gone payment-slow
