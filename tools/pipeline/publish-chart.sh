#!/usr/bin/env bash
# usage: publish-chart.sh VERSION [REGISTRY]
# Lints and packages the chart under this version. With a registry: pushes it as an OCI artefact and signs it, as publish-image.sh does.
set -euo pipefail
cd "$(dirname "$0")/../.."
version="${1:?Name a version, such as 0.1.0.}" registry="${2:-}"
out="${OUT:-out}"
mkdir -p "$out"
helm="$(PATH="$PWD/node_modules/.bin:$PATH" node tools/chart/install.ts)/bin/helm"

"$helm" lint --strict deploy/helm/stoa
"$helm" package deploy/helm/stoa --version "$version" --app-version "$version" --destination "$out"
[ -n "$registry" ] || exit 0
"$helm" push "$out/stoa-$version.tgz" "oci://$registry/charts" 2>&1 | tee "$out/chart.log"
digest="$(sed -n 's/^Digest: *//p' "$out/chart.log")"
[[ "$digest" =~ ^sha256:[0-9a-f]{64}$ ]] || {
  echo "The registry told no digest of the chart." >&2
  exit 1
}
cosign sign --yes "$registry/charts/stoa@$digest"
echo "$digest" >"$out/chart.digest"
echo "oci://$registry/charts/stoa:$version is $digest, and signed."
