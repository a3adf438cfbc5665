#!/bin/bash
# First boot of the host, run once by cloud-init: packages and upkeep, nothing of the app.
# Leaves /var/lib/drops/bootstrap-done or bootstrap-failed, which `drops-host apply` waits for:
# cloud-init itself calls a first boot "done" whatever its commands returned.
set -euo pipefail

state=/var/lib/drops
export DEBIAN_FRONTEND=noninteractive

finish() {
  local status=$?
  rm -f /usr/sbin/policy-rc.d
  if [ "$status" -eq 0 ]; then
    rm -f "$state/bootstrap-failed"
    date -u +%FT%TZ > "$state/bootstrap-done"
    echo "drops bootstrap: done"
  else
    echo "line $line, status $status" > "$state/bootstrap-failed"
    echo "drops bootstrap: failed at line $line with status $status" >&2
  fi
}
line=0
trap 'line=$LINENO' ERR
trap finish EXIT

install -d -m 0755 "$state" /usr/local/lib/drops /etc/drops
install -d -m 0700 /etc/drops/secrets
rm -f "$state/bootstrap-done"

# Access first: nobody comes in with a password, or as root.
sshd -t
systemctl reload ssh

# The image's own first-boot upgrades may hold the locks for minutes.
apt_get() {
  apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 "$@"
}
for try in 1 2 3 4 5 6; do
  if apt_get update; then break; fi
  if [ "$try" -eq 6 ]; then false; fi
  sleep 20
done

# No service starts with its package's defaults (some listen on every address): the bundle starts
# them, configured.
printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
chmod 0755 /usr/sbin/policy-rc.d
mapfile -t packages < "$state/bootstrap-packages"
apt_get install --no-install-recommends "${packages[@]}"
rm -f /usr/sbin/policy-rc.d
for unit in nginx mtail prometheus prometheus-alertmanager prometheus-blackbox-exporter \
  prometheus-node-exporter prometheus-postgres-exporter; do
  systemctl disable --quiet "$unit"
done

systemctl enable --quiet fail2ban unattended-upgrades
systemctl restart fail2ban unattended-upgrades
