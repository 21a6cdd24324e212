#!/usr/bin/env bash
# usage: publish-image.sh SERVICE VERSION [REGISTRY]
# Builds the image of a service and scans it. With a registry: pushes it with provenance and bills of materials, and signs it without a key,
# by the identity of whoever runs this. Nothing is pushed that the scan refuses. What was made is told in the folder OUT (./out).
set -euo pipefail
cd "$(dirname "$0")/../.."
service="${1:?Name a service, such as cart.}" version="${2:?Name a version, such as 0.1.0.}" registry="${3:-}"
out="${OUT:-out}"
image="ecommerce/$service"
mkdir -p "$out"

[ "$version" != latest ] || {
  echo "\"latest\" names another image every day; give this one a version." >&2
  exit 1
}
build=(docker buildx build
  --build-arg "SERVICE=$service" --build-arg "VERSION=$version" --build-arg "REVISION=$(git rev-parse HEAD)")

"${build[@]}" --load --tag "$image:$version" .
trivy image --exit-code 1 --severity HIGH,CRITICAL --ignore-unfixed --scanners vuln,secret "$image:$version"

# The bill of materials that the build made of the packages in this one image.
container="$(docker create "$image:$version")"
trap 'docker rm "$container" >/dev/null' EXIT
docker cp "$container:/app/sbom.cdx.json" "$out/$service.cdx.json"

[ -n "$registry" ] || exit 0
"${build[@]}" --push --provenance=mode=max --sbom=true --metadata-file "$out/$service.json" --tag "$registry/$image:$version" .
digest="$(node --print 'JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8"))["containerimage.digest"]' "$out/$service.json")"
[[ "$digest" =~ ^sha256:[0-9a-f]{64}$ ]] || {
  echo "The build of $image told no digest." >&2
  exit 1
}
cosign sign --yes "$registry/$image@$digest"
cosign attest --yes --type cyclonedx --predicate "$out/$service.cdx.json" "$registry/$image@$digest"
echo "$digest" >"$out/$service.digest"
echo "$registry/$image:$version is $digest, scanned and signed."
