# Every story dies at every failpoint it passes; pairs of deaths on top. Of the buyers who pay at Stripe, a part of the points.
set -e
PATH="$PWD/node_modules/.bin:$PATH"
node test/crash/crash-matrix.ts --pairs 20
node test/crash/crash-matrix.ts --provider stripe --every 6 --pairs 6
