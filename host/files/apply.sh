#!/bin/bash
# Puts an installed bundle into effect. `drops-host apply` runs it after writing the files; the file
# in DROPS_CHANGED names what changed since the last success. Safe to run again at any time.
# What the host can do without for a while is reported at the end instead of stopping the rest.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/drops/host.env
export DEBIAN_FRONTEND=noninteractive
export DROPS_CHANGED=${DROPS_CHANGED:-/dev/null}
lib=/usr/local/lib/drops
problems=()

say() { echo "apply: $*"; }
problem() {
  problems+=("$*")
  echo "apply: problem: $*" >&2
}
changed() { grep -qE "$1" "$DROPS_CHANGED"; }

# keep UNIT PATTERN: runs the unit, anew if a file that matches the pattern changed.
running=()
keep() {
  systemctl enable --quiet "$1"
  if changed "$2|/$1\.service" || ! systemctl is-active --quiet "$1"; then
    say "restarting $1"
    systemctl restart "$1"
  fi
  running+=("$1")
}

while read -r name; do
  if [ ! -s "/etc/drops/secrets/$name" ]; then
    echo "apply: this bundle needs the secret $name, which was not sent" >&2
    exit 1
  fi
done < /etc/drops/required-secrets

# --- The app's user and places ---
if [ "$DROPS_ROLE" = app ]; then
  if ! getent passwd drops-app > /dev/null; then
    useradd --system --user-group --home-dir /var/lib/drops-app --shell /usr/sbin/nologin drops-app
  fi
  install -d -m 0750 -o drops-app -g drops-app /var/lib/drops-app /var/lib/drops-app/pm2 /var/log/drops
  install -d -m 0755 /srv/drops /srv/drops/releases /var/lib/drops/acme
fi

# Before the packages, whose services read what this writes.
"$lib/compose"

# --- Packages ---
missing=()
while read -r package; do
  if ! dpkg-query -W -f='${db:Status-Status}' "$package" 2> /dev/null | grep -qx installed; then
    missing+=("$package")
  fi
done < /etc/drops/packages
if [ "${#missing[@]}" -gt 0 ]; then
  say "installing ${missing[*]}"
  apt_options=(-qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 -o Dpkg::Use-Pty=0)
  apt-get "${apt_options[@]}" update
  apt-get "${apt_options[@]}" install -y --no-install-recommends "${missing[@]}" > /dev/null
fi

# --- PM2 ---
pm2_manifest=/usr/local/lib/node_modules/pm2/package.json
if [ "$DROPS_ROLE" = app ] && ! grep -qs "\"version\": *\"$DROPS_PM2_VERSION\"" "$pm2_manifest"; then
  say "installing pm2 $DROPS_PM2_VERSION"
  npm install --global --no-audit --no-fund --loglevel=error "pm2@$DROPS_PM2_VERSION"
  echo /usr/local/lib/node_modules/pm2 >> "$DROPS_CHANGED"
fi

# --- systemd: units that are gone, units that are new ---
while read -r path; do
  case $path in
    /etc/systemd/system/drops-*.timer | /etc/systemd/system/drops-*.service)
      if [ ! -e "$path" ]; then
        systemctl stop "${path##*/}" 2> /dev/null || true
      fi
      ;;
  esac
done < "$DROPS_CHANGED"
find /etc/systemd/system -name 'drops-*' -xtype l -delete
systemctl daemon-reload

# --- Redis ---
if [ "$DROPS_REDIS_ON_HOST" = yes ]; then
  keep redis-server '^/etc/drops/redis\.conf'
elif systemctl is-enabled --quiet redis-server 2> /dev/null; then
  systemctl disable --now --quiet redis-server
fi

# --- Database rights ---
if [ "$DROPS_GRANT_ROLES" = yes ]; then
  # The database may still be starting, or the firewall not yet know this host.
  owner=$("$lib/pg" --user database-owner-url)
  app=$("$lib/pg" --user database-url)
  run_sql() { "$lib/pg" "$1" psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --set=owner="$owner" --set=app="$app" --file="$2"; }
  for try in 1 2 3 4 5 6; do
    if run_sql database-admin-url /etc/drops/roles.sql &&
      run_sql database-owner-url /etc/drops/owner.sql; then
      break
    fi
    if [ "$try" -eq 6 ]; then
      problem "the database's roles were not granted their rights"
    else
      sleep 10
    fi
  done
fi

# --- Monitoring ---
if [ "$DROPS_ROLE" = monitoring ] && [ ! -e /var/lib/drops/probe-targets.json ]; then
  # Nothing to probe until `drops-host probe` is told what.
  echo '[]' > /var/lib/drops/probe-targets.json
fi
promtool check config /etc/drops/prometheus/prometheus.yml > /dev/null
amtool check-config /etc/drops/prometheus/alertmanager.yml > /dev/null
keep prometheus-node-exporter '^$'
keep prometheus-blackbox-exporter '/prometheus/blackbox\.yml'
keep prometheus-postgres-exporter 'postgres-exporter\.env|postgres-queries\.yml|database-ca\.pem'
for ((number = 1; number <= DROPS_REPLICAS; number++)); do
  keep "drops-postgres-replica-$number" \
    "postgres-replica-$number\.env|postgres-queries\.yml|database-ca\.pem"
done
keep prometheus-alertmanager '/alertmanager\.yml|/secrets/(slack-url|webhook-url|smtp-password)'
keep prometheus '/prometheus/(prometheus|rules)\.yml'
if [ "$DROPS_REDIS_MODE" != none ]; then
  keep prometheus-redis-exporter 'redis-exporter\.env'
elif systemctl is-enabled --quiet prometheus-redis-exporter 2> /dev/null; then
  systemctl disable --now --quiet prometheus-redis-exporter
fi

# --- nginx: needs a certificate to start, so the first one is its own ---
tls=/etc/drops/tls
if [ "$DROPS_SITE" != address ] && [ ! -e "$tls/current/fullchain.pem" ]; then
  install -d -m 0700 "$tls/placeholder"
  # Short-lived: it must look expired to the alarm as soon as it is in use for long.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 \
    -subj "/CN=${DROPS_NAMES%% *}" -keyout "$tls/placeholder/privkey.pem" \
    -out "$tls/placeholder/fullchain.pem" 2> /dev/null
  ln -sfn placeholder "$tls/current"
fi
rm -f /etc/nginx/sites-enabled/default
ln -sfn "../sites-available/drops-$DROPS_ROLE" "/etc/nginx/sites-enabled/drops-$DROPS_ROLE"
if [ "$DROPS_ROLE" = app ]; then
  log=/var/log/nginx/drops-access.log
  # nginx would create it readable by everyone, visitors' addresses and all.
  [ -e "$log" ] || install -m 0640 -o www-data -g adm /dev/null "$log"
fi
nginx -t -q
systemctl enable --quiet nginx
if changed '/nginx\.service\.d/' || ! systemctl is-active --quiet nginx; then
  systemctl restart nginx
elif changed '^/etc/nginx/|/metrics-token\.conf'; then
  systemctl reload nginx
fi
running+=(nginx)

# --- The app ---
if [ "$DROPS_ROLE" = app ]; then
  # After nginx, which creates the log that mtail reads.
  keep mtail '\.mtail$'
  systemctl enable --quiet drops-app
fi
if [ "$DROPS_ROLE" = app ] && [ -f /srv/drops/current/dist/index.js ]; then
  if ! systemctl is-active --quiet drops-app ||
    changed '/ecosystem\.config\.js|/drops-app\.service|/node_modules/pm2'; then
    say "starting the app"
    systemctl restart drops-app
  elif changed '/app\.env\.json'; then
    say "reloading the app"
    systemctl reload drops-app
  fi
  running+=(drops-app)
fi

# --- Timers ---
for timer in /etc/systemd/system/drops-*.timer; do
  unit=${timer##*/}
  systemctl enable --quiet "$unit"
  if changed "/$unit" || ! systemctl is-active --quiet "$unit"; then
    systemctl restart "$unit"
  fi
done

# --- Certificate ---
if [ "$DROPS_SITE" != address ]; then
  systemctl enable --quiet --now certbot.timer
  if ! "$lib/certificate"; then
    if [ "$DROPS_SITE" = proxied ]; then
      problem "no certificate for $DROPS_NAMES: see /var/log/letsencrypt/letsencrypt.log"
    else
      # The domain can point here only once this host has its address: no reason to fail the deploy.
      say "no certificate yet for $DROPS_NAMES; tried again every 30 minutes (is its DNS record set?)"
    fi
  fi
fi

# --- Did everything stay up? ---
sleep 2
for unit in "${running[@]}"; do
  systemctl is-active --quiet "$unit" || problem "$unit does not stay up: journalctl -u $unit"
done
"$lib/metrics" || problem "the host's own metrics could not be written"

if [ "${#problems[@]}" -gt 0 ]; then
  printf 'apply: %s\n' "${problems[@]}" >&2
  exit 1
fi
say "done"
