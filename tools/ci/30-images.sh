# Every image's root file system is built; compose.yaml runs from them without a container engine, and 300 guests buy.
source tools/ci/lib/debian.sh
need_debian iproute2
need_debian haproxy
PATH="$PWD/node_modules/.bin:$PATH" node test/images/run.ts
