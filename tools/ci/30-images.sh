# Every image's root file system is built; compose.yaml runs from them without a container engine, and guests buy: none may be ended by its 128 MiB.
source tools/ci/lib/debian.sh
need_debian iproute2
need_debian haproxy
PATH="$PWD/node_modules/.bin:$PATH" node test/images/run.ts --guests 40 --parallel 4
