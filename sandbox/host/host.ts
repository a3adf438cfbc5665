import { existsSync, mkdirSync, rmSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { paths } from "../../host/paths";
import type { CertificateAuthority, CommandResult, ServiceStatus } from "../contracts";
import { releaseInUse } from "./release";
import { releasePort } from "../services/ports";
import { reapOrphans } from "../services/processRecord";
import { App } from "./app";
import { ensureCertificate } from "./certificate";
import { readCommand } from "./command";
import { DropsHost } from "./dropsHost";
import { writeAtOnce } from "../files";
import { FrontOfRole } from "./frontOfRole";
import { stateDirectory } from "./install";
import { makeRecord, readRecord, type HostRecord } from "./hostRecord";
import { MetricsReceiver, type MetricsSeen } from "./metricsReceiver";
import { isUsable, NginxServer } from "./nginxServer";
import { usualTiming, type HostParts, type Timing } from "./parts";
import { probedSite } from "./probe";
import { recordedServices } from "./recorded";
import { HostRedis } from "./redis";
import { writeTrustedAuthorities, type HostPorts } from "./relocation";
import { readSettings } from "./settings";
import { readUserData, type Boot } from "./userData";

export interface HostOptions {
  /** Stands for Let's Encrypt. */
  readonly authority: CertificateAuthority;
  readonly log: (line: string) => void;
  /** Whether a name of a site without Cloudflare leads to its host. @default yes */
  readonly isRecordOf?: ((name: string) => boolean) | undefined;
  /** Path of an installed program. */
  readonly find: (program: string) => string | undefined;
  readonly timing?: Partial<Timing> | undefined;
}

/**
 * One machine: a directory with its record and, in `data`, its file system. (That name is passed
 * over by who looks for records of processes.)
 */
export class Host {
  readonly ports: HostPorts;
  private readonly parts: HostParts;
  private readonly boot: Boot;
  private readonly dropsHost: DropsHost;

  private constructor(
    private readonly id: string,
    private readonly directory: string,
    private readonly record: HostRecord,
    private readonly options: HostOptions,
    nginx: string | undefined,
  ) {
    const { name, ports } = record;
    const { log, find, authority, isRecordOf = () => true, timing } = options;
    const place = { root: rootIn(directory), ports };
    this.ports = ports;
    this.boot = readUserData(record.userData);
    const common = { place, directory, name, log };
    const receiver = new MetricsReceiver();
    this.parts = {
      ...{ place, directory, authority, isRecordOf, receiver },
      redis: new HostRedis({ ...common, command: find("redis-server") ?? find("valkey-server") }),
      web:
        nginx === undefined
          ? new FrontOfRole(place, receiver)
          : new NginxServer({ ...common, receiver, command: nginx }),
      app: new App(place, directory, name, log),
      timing: { ...usualTiming, ...timing },
    };
    this.dropsHost = new DropsHost(this.parts);
  }

  /** A machine that has booted with this user data; the first one counts, as on a droplet. */
  static async ensure(
    directory: string,
    spec: { readonly name: string; readonly userData: string },
    options: HostOptions,
  ): Promise<Host> {
    const boot = readUserData(spec.userData);
    const root = rootIn(directory);
    mkdirSync(root, { recursive: true, mode: 0o700 });
    for (const { path, content, mode } of boot.files) writeAtOnce(root + path, content, mode);
    // Where a droplet's first boot has installed packages, there is nothing to wait for here.
    writeAtOnce(join(root, stateDirectory, "bootstrap-done"), "at once\n", 0o644);
    // Last: a machine without it has not booted to the end.
    const record = await makeRecord(directory, spec);
    return await Host.of(directory, record, options);
  }

  /** The machine in a directory; undefined where none booted to the end. */
  static async open(directory: string, options: HostOptions): Promise<Host | undefined> {
    const record = await readRecord(directory);
    if (record === undefined) return undefined;
    return await Host.of(directory, record, options);
  }

  private static async of(
    directory: string,
    record: HostRecord,
    options: HostOptions,
  ): Promise<Host> {
    const found = options.find("nginx");
    const nginx = found !== undefined && (await isUsable(found)) ? found : undefined;
    return new Host(basename(directory), directory, record, options, nginx);
  }

  /** Version of the app in use; undefined before the first release. */
  get releaseInUse(): string | undefined {
    return releaseInUse(this.parts.place.root);
  }

  /** Starts what the last bundle wants, as a machine does at its boot. */
  async start(): Promise<void> {
    await reapOrphans(this.directory);
    const { place, redis, web, app, authority, receiver } = this.parts;
    const settings = readSettings(place.root);
    // Nothing was ever applied as far as the services.
    if (!settings || !existsSync(`${place.root}${paths.etc}/postgres-exporter.env`)) return;
    writeTrustedAuthorities(place.root, authority);
    const attempts: readonly (readonly [string, () => Promise<void>])[] = [
      [
        "Redis",
        async () => {
          if (settings.redisOnHost) await redis.start();
        },
      ],
      [
        "web server",
        async () => {
          if (settings.role === "monitoring") await receiver.start();
          if (settings.site !== "address" && this.hasCertificate) {
            await ensureCertificate(place.root, settings, authority);
          }
          await web.check();
          await web.start();
        },
      ],
      [
        "app",
        async () => {
          if (app.isReleased) await app.start();
        },
      ],
    ];
    await Promise.all(
      attempts.map(async ([what, attempt]) => {
        try {
          await attempt();
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          this.options.log(`${what} of ${this.record.name} did not start: ${why}`);
        }
      }),
    );
  }

  async stop(): Promise<void> {
    const { redis, web, app, receiver } = this.parts;
    await Promise.all([redis.stop(), web.stop(), app.stop()]);
    await receiver.stop();
  }

  /** Stops everything and deletes the files. */
  async remove(): Promise<void> {
    await this.stop();
    await removeDirectory(this.directory);
    for (const port of Object.values({ ...this.record.ports })) releasePort(port);
  }

  /** What SSH would answer to a command. */
  async run(user: string, line: string, stdin: string): Promise<CommandResult> {
    if (user !== this.boot.user) {
      throw new Error(
        `ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain (${this.record.name} lets in "${this.boot.user}" alone, not "${user}")`,
      );
    }
    const command = readCommand(this.boot, line);
    if (command.kind === "refused") return { ...command, stdout: "" };
    const [verb, ...args] = command.args;
    if (verb === "apply") return await this.dropsHost.apply(stdin);
    if (verb === "probe") return await this.dropsHost.probe(stdin);
    const [source, version] = args;
    if (verb === "release" && source !== undefined && version !== undefined && args.length === 2) {
      return await this.dropsHost.release(this.parts.place.root + source, version);
    }
    return await this.dropsHost.refuse(
      verb === "release"
        ? "usage: drops-host release SOURCE VERSION"
        : `no such verb: ${verb ?? ""}`,
    );
  }

  async release(directory: string, version: string): Promise<CommandResult> {
    return await this.dropsHost.release(directory, version);
  }

  /** Who pushed metrics since the cloud started; undefined on a host that takes none. */
  get metricsSeen(): MetricsSeen | undefined {
    const { place, receiver } = this.parts;
    return readSettings(place.root)?.role === "monitoring" ? receiver.seen : undefined;
  }

  statuses(): readonly ServiceStatus[] {
    const { place, redis, web, app, receiver } = this.parts;
    const settings = readSettings(place.root);
    return [
      ...web.statuses(this.id),
      ...(settings?.role === "monitoring"
        ? receiver.statuses(this.id, place.ports.metrics)
        : [...app.statuses(this.id), ...redis.statuses(this.id)]),
      ...recordedServices(this.id, settings, probedSite(place.root)),
    ];
  }

  /** Whether the site already had one that was asked for: then it is kept good. */
  private get hasCertificate(): boolean {
    return existsSync(`${this.parts.place.root}/etc/letsencrypt/live/drops`);
  }
}

/** Away at once, so that what is killed in between leaves no half of a machine. */
export async function removeDirectory(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  const aside = join(dirname(directory), `.removed-${basename(directory)}`);
  rmSync(aside, { recursive: true, force: true });
  await rename(directory, aside);
  await rm(aside, { recursive: true, force: true });
}

function rootIn(directory: string): string {
  return join(directory, "data");
}
