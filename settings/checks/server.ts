import { redisMemoryHeadroom } from "../../host/redis";
import { dropletSizes } from "../../prices/digitalocean";
import { tiers } from "../../tiers";
import { processesOf } from "../connections";
import { problem, setCommand, type Problem } from "../problems";
import type { SmallConfig } from "../schema";
import { fitsSmallTier, smallTierDroplets } from "../sizes";

/** The server's size against the tier, and the memory of what runs on it. */
export function serverProblems(config: SmallConfig): Problem[] {
  const { vcpus, memoryGib, minDiskGib, defaultSize } = tiers.small.vps;
  const size = config.vps.size;
  const droplet = dropletSizes[size];
  if (!fitsSmallTier(size)) {
    return [
      problem(
        ["vps", "size"],
        `${size} (${droplet.vcpus} vCPU, ${droplet.memoryGib} GiB, ${droplet.diskGib ?? "unknown"} GiB disk)`,
        `${vcpus.low}-${vcpus.high} vCPU, ${memoryGib.low}-${memoryGib.high} GiB, at least ${minDiskGib} GiB disk: ${smallTierDroplets.join(", ")}`,
        setCommand(["vps", "size"], defaultSize),
      ),
    ];
  }
  const processes = processesOf(config);
  const redisMib =
    config.redis.provider === "host"
      ? Math.round(config.redis.maxMemoryMib * redisMemoryHeadroom)
      : 0;
  const leastMib = 256;
  // nginx, Prometheus with 40 days of series, the exporters and the system itself.
  const systemMib = 1_024;
  const needMib = processes * config.app.maxMemoryMib + redisMib + systemMib;
  const haveMib = droplet.memoryGib * 1_024;
  if (needMib <= haveMib) return [];
  const perProcess = Math.floor((haveMib - redisMib - systemMib) / processes);
  const fix =
    perProcess >= leastMib
      ? setCommand(["app", "maxMemoryMib"], String(perProcess))
      : "choose a larger drops:vps.size, fewer drops:app.processes or a smaller drops:redis.maxMemoryMib";
  return [
    problem(
      ["app", "maxMemoryMib"],
      `${processes} processes x ${config.app.maxMemoryMib} MiB + Redis ${redisMib} MiB + system ${systemMib} MiB = ${needMib} MiB`,
      `at most the ${haveMib} MiB of ${size}`,
      fix,
    ),
  ];
}
