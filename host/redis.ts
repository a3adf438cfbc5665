import { plain } from "./files";
import { paths, ports } from "./paths";
import type { BundleFile, AppHostSpec } from "./types";

/**
 * What the host sets aside for Redis, as a multiple of `maxmemory`: data, fragmentation, buffers.
 * Beyond it systemd ends the process; the memory alarm is a share of it.
 */
export const redisMemoryHeadroom = 1.5;

/** Redis on the host: a cache on loopback that forgets, not a database. */
export function redisFiles(spec: AppHostSpec): readonly BundleFile[] {
  if (!spec.redis) return [];
  return [
    plain(
      `${paths.etc}/redis.conf`,
      `# A cache: least recently used keys give way, and nothing survives a restart.
bind 127.0.0.1
port ${ports.redis}
protected-mode yes
maxmemory ${spec.redis.maxMemoryMib}mb
maxmemory-policy allkeys-lru
save ""
appendonly no
dir /var/lib/redis
logfile ""
# A client that vanished is noticed within five minutes.
tcp-keepalive 300
`,
    ),
    plain(
      `${paths.systemd}/redis-server.service.d/drops.conf`,
      `# Our own file instead of Debian's, which an upgrade may then change as it likes.
[Service]
MemoryMax=${Math.ceil(spec.redis.maxMemoryMib * redisMemoryHeadroom)}M
ExecStart=
ExecStart=/usr/bin/redis-server ${paths.etc}/redis.conf --supervised systemd --daemonize no
`,
    ),
  ];
}
