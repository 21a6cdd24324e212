#!/usr/bin/env bash
# Prints the names of all images as JSON: every service, and what runs beside them.
set -euo pipefail
cd "$(dirname "$0")/../.."
node --print 'JSON.stringify([...JSON.parse(require("node:fs").readFileSync("deploy/services.json", "utf8")).services.map(({ name }) => name), "backend", "audit", "tools", "all"])'
