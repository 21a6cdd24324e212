# Ten times as much as the shop can serve: most of what it can is done in time, orders before pages, and it is well again soon after.
PATH="$PWD/node_modules/.bin:$PATH" node bench/overload.ts --seconds 15 --tries 2
