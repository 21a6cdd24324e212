# Every story dies at every failpoint it passes; pairs of deaths on top.
PATH="$PWD/node_modules/.bin:$PATH" node test/crash/crash-matrix.ts --pairs 20
