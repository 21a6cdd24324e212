#!/usr/bin/env bash
# usage: release-version.sh TAG   Prints the version that the tag v1.2.3 stands for; the program and the chart have to say the same.
set -euo pipefail
cd "$(dirname "$0")/../.."
tag="${1:?Name the tag, such as v0.1.0.}"
version="${tag#v}"
[[ "$tag" =~ ^v[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$ ]] || {
  echo "$tag is not the tag of a release: v1.2.3, or v1.2.3-rc.1." >&2
  exit 1
}
program="$(node --print 'JSON.parse(require("node:fs").readFileSync("package.json", "utf8")).version')"
chart="$(sed -n 's/^appVersion: *"\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' deploy/helm/stoa/Chart.yaml)"
for said in "$program" "$chart"; do
  [ "$said" = "$version" ] || {
    echo "The tag is $tag, but package.json says $program and the chart's appVersion $chart. Make all three the same." >&2
    exit 1
  }
done
echo "$version"
