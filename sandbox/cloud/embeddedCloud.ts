import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { newApps } from "../apps";
import { openAuthority } from "../certificates";
import { newContainers } from "../ecs";
import { startEdge, type Edge } from "../edge";
import { newHosts } from "../host";
import { sandboxZone, type Places } from "../places";
import { newPostgresService } from "../services/postgres";
import { newValkeyService } from "../services/redis";
import { edgeOptions } from "./edgeWiring";
import { FaultPlan } from "./faults";
import type { Cloud } from "./kind";
import { kinds, providers } from "./knownTypes";
import { methodsOf } from "./methods";
import { Operations } from "./operations";
import { privateRouteOf } from "./privateRoute";
import { ProviderServer } from "./providerServer";
import { WorldStore } from "./world";

interface EmbeddedCloud {
  readonly providerPorts: Readonly<Record<string, number>>;
  readonly edgePorts: { readonly http: number; readonly https: number };
  /** What `drops sandbox …` may ask, by the names that the client uses. */
  readonly methods: ReturnType<typeof methodsOf>;
  /** Stops everything that runs; the files stay. */
  stop(): Promise<void>;
}

/** Starts the cloud with what it held when it last ran. */
export async function startEmbeddedCloud(args: {
  readonly places: Places;
  /** Chooses ports that are free at this moment. */
  readonly edgePorts: () => Promise<EdgePorts>;
  readonly log: (line: string) => void;
}): Promise<EmbeddedCloud> {
  const { places, log } = args;
  mkdirSync(places.services, { recursive: true, mode: 0o700 });
  const authority = await openAuthority(places.authority, "Drops sandbox");
  copyFileSync(join(places.authority, "ca.pem"), places.certificate);
  const world = new WorldStore(places.world);
  const faults = new FaultPlan();
  const services = servicesIn(places, world, authority, log);
  const cloud: Cloud = { world, services, newId, newPassword, keep: keeper(world) };
  const operations = new Operations({
    ...{ world, cloud, faults },
    kindOf: (type) => kinds.get(type),
    crash: () => process.kill(process.pid, "SIGKILL") as never,
  });
  await operations.clearHalfMade(log);
  seed(world);
  await services.postgres.startAll();
  await services.valkey.startAll();
  await services.hosts.startAll();
  await services.apps.startAll();
  await services.containers.startAll();
  const { hosts, apps, containers } = services;
  const edge = await listening(args.edgePorts, async (ports) =>
    startEdge(edgeOptions({ world, hosts, apps, containers, authority, ports, log })),
  );
  const servers = providers.map((provider) => ({
    name: provider.name,
    server: new ProviderServer({
      ...{ provider, operations, cloud, log },
      version: packageVersion(provider.name),
    }),
  }));
  const providerPorts: Record<string, number> = {};
  for (const { name, server } of servers) providerPorts[name] = await server.listen();
  return {
    providerPorts,
    edgePorts: edge.ports,
    methods: methodsOf({ world, operations, faults, services, edge }),
    stop: async () => {
      for (const { server } of servers) server.close();
      await edge.stop();
      const { hosts: machines, apps: platform, containers } = services;
      await Promise.all([machines.stopAll(), platform.stopAll(), containers.stopAll()]);
      await Promise.all([services.postgres.stopAll(), services.valkey.stopAll()]);
    },
  };
}

interface EdgePorts {
  readonly http: number;
  readonly https: number;
}

/** Another sandbox that starts at the same moment may take a port that was free. */
async function listening(
  choose: () => Promise<EdgePorts>,
  start: (ports: EdgePorts) => Promise<Edge>,
): Promise<Edge> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start(await choose());
    } catch (error) {
      const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
      if (cause?.code !== "EADDRINUSE" || attempt === 5) throw error;
    }
  }
}

function servicesIn(
  places: Places,
  world: WorldStore,
  authority: Awaited<ReturnType<typeof openAuthority>>,
  log: (line: string) => void,
) {
  const below = (name: string): string => join(places.services, name);
  const hosts = newHosts({ directory: below("hosts"), authority, log });
  return {
    postgres: newPostgresService({ directory: below("postgres"), authority, log }),
    valkey: newValkeyService({ directory: below("valkey"), authority, log }),
    hosts,
    apps: newApps({
      directory: below("apps"),
      authorityFile: join(places.authority, "ca.pem"),
      route: privateRouteOf({ world, hosts }),
      log,
    }),
    containers: newContainers({
      ...{ directory: below("containers"), imageFile: join(below("apps"), "images.json") },
      ...{ world, authority, authorityFile: join(places.authority, "ca.pem"), log },
    }),
  };
}

/** Of the provider's package here; one that nothing uses yet has none. */
function packageVersion(name: string): string {
  try {
    const file = require.resolve(`@pulumi/${name}/package.json`);
    return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
  } catch {
    return "0.0.0";
  }
}

/** What is there before any stack: a zone at Cloudflare, as a domain's owner has one. */
function seed(world: WorldStore): void {
  const type = "cloudflare:index/zone:Zone";
  if (world.get(type, sandboxZone.id)) return;
  world.put({
    ...{ id: sandboxZone.id, type, urn: "" },
    inputs: { name: sandboxZone.name, plan: "free" },
    ...{ outputs: {}, hidden: {}, ready: true },
  });
}

/** What no stack has asked for has no name of a stack. */
const keeper =
  (world: WorldStore): Cloud["keep"] =>
  (resource) => {
    world.put({ ...{ urn: "", hidden: {}, ready: true }, ...resource });
  };

function newId(style: "uuid" | "number" | "hex"): string {
  if (style === "uuid") return randomUUID();
  return style === "number"
    ? String(randomInt(100_000_000, 999_999_999))
    : randomBytes(16).toString("hex");
}

/** DigitalOcean's begin with AVNS_; the rest is random. */
function newPassword(): string {
  return `AVNS_${randomBytes(15).toString("base64url")}`;
}
