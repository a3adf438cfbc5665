#!/bin/bash
# Releases a version of the app: release SOURCE VERSION
# SOURCE is a directory, a tar archive (any compression that tar knows) or "-" for one on standard
# input; inside are dist/index.js and what it needs. Old processes serve until new ones listen; a
# version that is not healthy within a minute gives way to the one before.
set -euo pipefail

root=${DROPS_HOST_ROOT:-}
# shellcheck source=/dev/null
. "$root/etc/drops/host.env"
lib=$root/usr/local/lib/drops
app=$root/srv/drops
KEPT=5
HEALTHY_ANSWERS=8

refuse() {
  echo "release: $*" >&2
  exit 1
}

[ $# -eq 2 ] || refuse "usage: drops-host release SOURCE VERSION"
source=$1 version=$2
[[ $version =~ ^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$ ]] ||
  refuse "a version is letters, digits, dots, dashes and underscores, 64 at most"
[ -f "$root/etc/drops/app.env.json" ] || refuse "no bundle was applied yet (drops-host apply)"
release=$app/releases/$version

# --- Unpack ---
if [ ! -d "$release" ]; then
  partial=$app/releases/.partial-$version
  rm -rf "$partial"
  install -d -m 0755 "$partial"
  if [ -d "$source" ]; then
    cp -R "$source/." "$partial/"
  else
    file=$source
    if [ "$source" = - ]; then
      # A file, because tar finds out the compression only by seeking.
      file=$app/releases/.upload-$version
      cat > "$file"
    fi
    tar --extract --no-same-owner --no-same-permissions --directory="$partial" --file="$file" ||
      refuse "not a tar archive: $source"
    if [ "$source" = - ]; then rm -f "$file"; fi
  fi
  [ -f "$partial/dist/index.js" ] || refuse "dist/index.js is missing in $source"
  if [ -f "$partial/package-lock.json" ] && [ ! -d "$partial/node_modules" ]; then
    # Install scripts of dependencies run as the app's user, not as root.
    [ -n "$root" ] || chown -R drops-app: "$partial"
    (cd "$partial" && "$lib/as-app" npm ci --omit=dev --no-audit --no-fund --loglevel=error)
  fi
  [ -n "$root" ] || chown -R root:root "$partial"
  chmod -R u=rwX,go=rX "$partial"
  mv -T "$partial" "$release"
fi

# --- Migrate, as the schema's owner; the version in use keeps running meanwhile ---
if [ -f "$release/dist/migrate.js" ]; then
  echo "release: migrating"
  (cd "$release" && "$lib/as-app" --owner node dist/migrate.js) ||
    refuse "the migration failed, $version was not put into use"
fi

# --- Switch ---
point() { # point LINK TARGET: at once, with no moment without the link
  ln -sfn "$2" "$app/.$1.new"
  mv -T "$app/.$1.new" "$app/$1"
}

start() {
  if systemctl is-active --quiet drops-app; then
    systemctl reload drops-app
  else
    systemctl restart drops-app
  fi
}

# Several answers in a row: one could come from a process that is about to die.
healthy() {
  local row=0 deadline=$((SECONDS + 60))
  while [ "$SECONDS" -lt "$deadline" ]; do
    if curl --silent --fail --max-time 5 --output /dev/null \
      "http://127.0.0.1:$DROPS_APP_PORT/healthz"; then
      row=$((row + 1))
      if [ "$row" -ge "$HEALTHY_ANSWERS" ]; then return 0; fi
    else
      row=0
    fi
    sleep 0.5
  done
  return 1
}

before=$(readlink "$app/current" || true)
point current "releases/$version"
if start && healthy; then
  if [ -n "$before" ] && [ "$before" != "releases/$version" ]; then point previous "$before"; fi
  [ -e "$root/var/lib/drops/released-at" ] || date +%s > "$root/var/lib/drops/released-at"
else
  if [ -z "$before" ] || [ "$before" = "releases/$version" ]; then
    refuse "$version is not healthy, and there is no other version to go back to"
  fi
  echo "release: $version is not healthy, going back to ${before#releases/}" >&2
  point current "$before"
  if ! start || ! healthy; then
    refuse "$version is not healthy, and neither is ${before#releases/}"
  fi
  refuse "$version was not healthy; ${before#releases/} is in use again"
fi

# --- Tidy: the newest few, and whatever a link points at ---
kept="$(readlink "$app/current") $(readlink "$app/previous" || true)"
find "$app/releases" -mindepth 1 -maxdepth 1 -type d -printf '%T@ %f\n' | sort -rn |
  tail -n +$((KEPT + 1)) | while read -r _ name; do
  case " $kept " in
    *" releases/$name "*) ;;
    *) rm -rf "${app:?}/releases/$name" ;;
  esac
done
echo "release: $version is in use"
