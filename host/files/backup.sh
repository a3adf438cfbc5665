#!/bin/bash
# Streams a dump of the database to object storage. An object counts only under its final name,
# which it gets after pg_dump succeeded and the stored size equals the bytes that were sent.
set -euo pipefail

root=${DROPS_HOST_ROOT:-}
# shellcheck source=/dev/null
. "$root/etc/drops/backup.env"
lib=$root/usr/local/lib/drops
secrets=$root/etc/drops/secrets
textfile=$root/var/lib/prometheus/node-exporter/drops_backup.prom

# rclone reads a remote named "store" from these; nothing is written to disk.
export RCLONE_CONFIG=/dev/null
export RCLONE_CONFIG_STORE_TYPE=s3
export RCLONE_CONFIG_STORE_PROVIDER=DigitalOcean
export RCLONE_CONFIG_STORE_ENDPOINT=$BACKUP_ENDPOINT
export RCLONE_CONFIG_STORE_REGION=$BACKUP_REGION
export RCLONE_CONFIG_STORE_ACL=private
export RCLONE_CONFIG_STORE_NO_CHECK_BUCKET=true
RCLONE_CONFIG_STORE_ACCESS_KEY_ID=$(cat "$secrets/backup-access-key")
RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY=$(cat "$secrets/backup-secret-key")
export RCLONE_CONFIG_STORE_ACCESS_KEY_ID RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY

bucket=$(cat "$secrets/backup-bucket")
name=$(date -u +%Y%m%dT%H%M%SZ).dump
final=store:$bucket/$BACKUP_PREFIX/$name
partial=store:$bucket/$BACKUP_PREFIX/partial/$name
work=$(mktemp -d)

finish() {
  local status=$?
  rm -rf "$work"
  if [ "$status" -ne 0 ]; then
    echo "backup: failed, nothing counts as stored" >&2
    rclone deletefile "$partial" 2> /dev/null || true
  fi
}
trap finish EXIT

mkfifo "$work/sent"
wc -c < "$work/sent" > "$work/size" &
counter=$!
# No --no-owner: the restore decides whose the objects become.
"$lib/pg" database-owner-url pg_dump --format=custom --compress=6 |
  tee "$work/sent" |
  rclone rcat "$partial"
wait "$counter"

sent=$(tr -d ' ' < "$work/size")
stored=$(rclone lsf --format s "$partial")
if [ "$sent" -eq 0 ] || [ "$stored" != "$sent" ]; then
  echo "backup: $sent bytes sent, ${stored:-none} stored" >&2
  exit 1
fi
rclone moveto "$partial" "$final"

{
  echo "# HELP drops_backup_last_success_timestamp_seconds End of the last stored dump."
  echo "# TYPE drops_backup_last_success_timestamp_seconds gauge"
  echo "drops_backup_last_success_timestamp_seconds $(date +%s)"
  echo "# HELP drops_backup_size_bytes Size of the last stored dump."
  echo "# TYPE drops_backup_size_bytes gauge"
  echo "drops_backup_size_bytes $sent"
} > "$textfile.new"
chmod 0644 "$textfile.new"
mv "$textfile.new" "$textfile"
echo "backup: stored $BACKUP_PREFIX/$name, $sent bytes"

# Only after a success: a database that cannot be dumped keeps its old dumps for ever. Also removes
# what an earlier failure left under partial/.
rclone delete --min-age "${BACKUP_RETENTION_DAYS}d" "store:$bucket/$BACKUP_PREFIX"
