# Two checkout processes: one is stopped at every failpoint, the other takes over, the first goes on as a zombie.
PATH="$PWD/node_modules/.bin:$PATH" node test/crash/stalls.ts
