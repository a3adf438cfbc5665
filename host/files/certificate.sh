#!/bin/bash
# Requests the site's certificate where there is none for its names; renewal is certbot.timer's.
set -euo pipefail

# shellcheck source=/dev/null
. /etc/drops/host.env
current=/etc/drops/tls/current
live=/etc/letsencrypt/live/drops

names=()
for name in $DROPS_NAMES; do names+=(-d "$name"); done

if [ "$DROPS_SITE" = proxied ]; then
  # Behind the proxy the challenge by HTTP would arrive at a port 443 that has no certificate yet.
  how=(--dns-cloudflare --dns-cloudflare-credentials /etc/drops/acme-cloudflare.ini
    --dns-cloudflare-propagation-seconds 30)
else
  how=(--webroot --webroot-path /var/lib/drops/acme)
fi

# Does nothing while the certificate covers these names and is far from its end.
certbot certonly --quiet --non-interactive --agree-tos --email "$DROPS_ACME_EMAIL" \
  --cert-name drops --keep-until-expiring --renew-with-new-domains "${names[@]}" "${how[@]}"

if [ "$(readlink "$current")" != "$live" ]; then
  ln -sfn "$live" "$current.new"
  mv -T "$current.new" "$current"
  systemctl reload nginx
  echo "certificate: in use for $DROPS_NAMES"
fi
