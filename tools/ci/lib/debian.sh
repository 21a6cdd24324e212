# For stages that need programs npm does not bring: `source tools/ci/lib/debian.sh; need_debian chromium`.

# Installs those of the named Debian packages that are missing. Fails with a sentence where it may not.
need_debian() {
  local missing=() package as_root=()
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q "install ok installed" || missing+=("$package")
  done
  [ "${#missing[@]}" -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
  echo "Installing ${missing[*]} …"
  if ! {
    "${as_root[@]}" apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}"
  } >/dev/null </dev/null; then
    echo "The Debian packages ${missing[*]} could not be installed; install them by hand, then run this again."
    return 1
  fi
}
