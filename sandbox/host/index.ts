import { mkdirSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { CloudServices } from "../cloud/kind";
import type { CommandResult, ServiceStatus } from "../contracts";
import { findProgram } from "../services/programs";
import { Host, removeDirectory, type HostOptions } from "./host";
import type { MetricsSeen } from "./metricsReceiver";
import type { HostPorts } from "./relocation";

export interface HostsOptions extends Omit<HostOptions, "find"> {
  /** Each host has a directory below it. */
  readonly directory: string;
  /** Path of an installed program. @default looks where systems keep them */
  readonly find?: HostOptions["find"];
}

/** The machines behind droplets. */
export interface Hosts {
  readonly ensure: CloudServices["hosts"]["ensure"];
  readonly run: CloudServices["hosts"]["run"];
  readonly remove: CloudServices["hosts"]["remove"];
  /** Starts what every machine ran when the cloud last ran. */
  startAll(): Promise<void>;
  /** Stops everything; the files stay. */
  stopAll(): Promise<void>;
  statuses(): ServiceStatus[];
  /** Loopback ports of a host; undefined where there is no such host. */
  ports(id: string): HostPorts | undefined;
  /** Who pushed metrics to a monitoring host since the cloud started; undefined for another host. */
  metricsSeen(id: string): MetricsSeen | undefined;
  /** Version of the app that a host has in use; undefined before the first release. */
  releaseInUse(id: string): string | undefined;
  /** `drops-host release` with a directory of this machine as source. */
  release(
    id: string,
    source: { readonly directory: string },
    version: string,
  ): Promise<CommandResult>;
}

export function newHosts({ directory, ...rest }: HostsOptions): Hosts {
  const options: HostOptions = { find: findProgram, ...rest };
  const hosts = new Map<string, Host>();
  const directoryOf = (id: string): string => join(directory, id);
  const hostOf = (id: string): Host => {
    const host = hosts.get(id);
    if (!host) throw new Error(`ssh: connect to host ${id}: no such machine`);
    return host;
  };
  return {
    ensure: async (id, spec) => {
      if (hosts.has(id)) return;
      const host =
        (await Host.open(directoryOf(id), options)) ??
        (await Host.ensure(directoryOf(id), spec, options));
      hosts.set(id, host);
      await host.start();
    },
    run: async ({ id, user, command, stdin }) => await hostOf(id).run(user, command, stdin),
    remove: async (id) => {
      const host = hosts.get(id) ?? (await Host.open(directoryOf(id), options));
      hosts.delete(id);
      if (host) await host.remove();
      else await removeDirectory(directoryOf(id));
    },
    startAll: async () => {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const names = readdirSync(directory);
      const halfGone = names.filter((name) => name.startsWith(".removed-"));
      await Promise.all(
        halfGone.map((name) => rm(join(directory, name), { recursive: true, force: true })),
      );
      await Promise.all(
        names
          .filter((name) => !name.startsWith("."))
          .map(async (id) => {
            const host = await Host.open(directoryOf(id), options);
            if (!host) return;
            hosts.set(id, host);
            await host.start();
          }),
      );
    },
    stopAll: async () => {
      await Promise.all([...hosts.values()].map((host) => host.stop()));
    },
    statuses: () => [...hosts.values()].flatMap((host) => host.statuses()),
    ports: (id) => hosts.get(id)?.ports,
    metricsSeen: (id) => hosts.get(id)?.metricsSeen,
    releaseInUse: (id) => hosts.get(id)?.releaseInUse,
    release: async (id, source, version) => await hostOf(id).release(source.directory, version),
  };
}
