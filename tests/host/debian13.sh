#!/usr/bin/env bash
# Fetches what a monitoring host runs into .cache/debian13, in Debian 13's versions: flags, metrics and
# what Debian leaves out differ from version to version. They need libc6 2.34 alone, so they run on
# Debian 12 too. Nothing is installed and nothing of the system's apt changes; the mirror and the
# signing keys are its own.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The packages that the tests were written with: name, version, SHA-256 for amd64 (as in Debian 13's
# package lists on 2026-11-28).
pinned="\
prometheus 2.53.3+ds1-2 58c3e6a86c56cb3bfd71032fa48d65945d526441a212f5815dfe5ed9cb787ecc
prometheus-blackbox-exporter 0.26.0-1 548213651cead2504142c2954d066c138bb1da180262a39f0ed1b40e0adac9d1
prometheus-node-exporter 1.9.0-1+b4 9db00cad0c9e160a4e9c13cbdb2833d58becb1f4cd60eeb0b5e12477ba6a42bd
prometheus-postgres-exporter 0.17.1-1+b4 37895f59de5a35c54e38499e37f342bf168c67634b65a0a29ebcd5add6aa7636
prometheus-redis-exporter 1.69.0-1 4b4b9975f84539178aef05a31136a6532a1515588ab81f1f3cbbac976e1bea28"
suite=trixie
target=$PWD/.cache/debian13

fail() {
  echo "debian13: $*" >&2
  exit 1
}

if [ "$(cat "$target/pinned" 2> /dev/null)" = "$pinned" ]; then
  echo "debian13: there already"
  exit 0
fi
command -v apt-get > /dev/null || fail "this needs a Debian with apt"

# Where this machine gets its own Debian from. The words in the format are apt's own.
# shellcheck disable=SC2016
mirror() { apt-get indextargets --format '$(SITE) $(ORIGIN)' | awk '$2 == "Debian" && !/security/ { print $1; exit }'; }
site=$(mirror)
if [ -z "$site" ]; then
  sudo=""
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  $sudo apt-get -q update
  site=$(mirror)
fi
[ -n "$site" ] || fail "apt knows no mirror of Debian"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists,cache}/partial "$work/cache/archives/partial" "$work/debs" "$work/root"
: > "$work/status"
cat > "$work/list.sources" << END
Types: deb
URIs: $site
Suites: $suite
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
END
# An apt of its own: other sources, other state; signatures are checked as always.
own=(-q -o "Dir::Etc::SourceList=$work/list.sources" -o Dir::Etc::SourceParts=-
  -o "Dir::State::Lists=$work/lists" -o "Dir::State::Status=$work/status" -o "Dir::Cache=$work/cache"
  -o Acquire::Languages=none -o Acquire::Retries=5 -o APT::Sandbox::User=root)
apt-get "${own[@]}" update > /dev/null
architecture=$(dpkg --print-architecture)

while read -r name version digest; do
  # apt-get download puts files where it is.
  if (cd "$work/debs" && apt-get "${own[@]}" download "$name=$version" > /dev/null 2>&1); then
    file=$(echo "$work/debs/${name}_"*.deb)
    if [ "$architecture" = amd64 ]; then
      echo "$digest  $file" | sha256sum --check --quiet || fail "$name $version is not the pinned file"
    fi
  else
    (cd "$work/debs" && apt-get "${own[@]}" download "$name" > /dev/null) || fail "cannot get $name"
    file=$(echo "$work/debs/${name}_"*.deb)
    echo "debian13: a point release moved $name to $(dpkg-deb -f "$file" Version): pin it anew" >&2
  fi
  dpkg-deb -x "$file" "$work/root"
done <<< "$pinned"

rm -rf "$target"
mkdir -p "$target"
cp -R "$work/root/usr/bin" "$target/bin"
printf '%s' "$pinned" > "$target/pinned"
echo "debian13: fetched into $target/bin"
