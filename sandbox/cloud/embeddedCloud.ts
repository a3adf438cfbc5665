import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openAuthority } from "../certificates";
import type { CloudResource, CommandResult, ServiceStatus } from "../contracts";
import { dropletOf } from "../digitalocean/network";
import { startEdge, type Edge } from "../edge";
import { newHosts } from "../host";
import { sandboxZone, type Places } from "../places";
import { newPostgresService } from "../services/postgres";
import { newValkeyService } from "../services/redis";
import type { CloudStatus, ResourceSummary, SitePorts } from "./client";
import { edgeOptions } from "./edgeWiring";
import { FaultPlan, type Fault } from "./faults";
import type { Cloud } from "./kind";
import { kinds, providers } from "./knownTypes";
import { Operations } from "./operations";
import { ProviderServer } from "./providerServer";
import { stackOf, typeOf } from "./urn";
import { WorldStore } from "./world";

export interface EmbeddedCloud {
  readonly providerPorts: Readonly<Record<string, number>>;
  readonly edgePorts: { readonly http: number; readonly https: number };
  /** What `drops sandbox …` may ask, by the names that the client uses. */
  readonly methods: ReturnType<typeof methodsOf>;
  /** Stops everything that runs; the files stay. */
  stop(): Promise<void>;
}

interface Parts {
  readonly world: WorldStore;
  readonly operations: Operations;
  readonly faults: FaultPlan;
  readonly services: ReturnType<typeof servicesIn>;
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
  const services = servicesIn(places, authority, log);
  const cloud: Cloud = { world, services, newId, newPassword };
  const operations = new Operations({
    ...{ world, cloud, faults },
    kindOf: (type) => kinds.get(type),
    crash: () => process.kill(process.pid, "SIGKILL") as never,
  });
  const cleared = await operations.clearHalfMade();
  if (cleared > 0) log(`cleared away ${cleared} resources that were never finished`);
  seed(world);
  await services.postgres.startAll();
  await services.valkey.startAll();
  await services.hosts.startAll();
  const edge = await listening(args.edgePorts, async (ports) =>
    startEdge(edgeOptions({ world, hosts: services.hosts, authority, ports, log })),
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
    methods: methodsOf({ world, operations, faults, services }, edge),
    stop: async () => {
      for (const { server } of servers) server.close();
      await edge.stop();
      await services.hosts.stopAll();
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
  authority: Awaited<ReturnType<typeof openAuthority>>,
  log: (line: string) => void,
) {
  const below = (name: string): string => join(places.services, name);
  return {
    postgres: newPostgresService({ directory: below("postgres"), log }),
    valkey: newValkeyService({ directory: below("valkey"), authority, log }),
    hosts: newHosts({ directory: below("hosts"), authority, log }),
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

function methodsOf({ world, operations, faults, services }: Parts, edge: Edge) {
  const ofUrn = (urn: string, id?: string): CloudResource => {
    const found = world
      .everything()
      .find((resource) => resource.urn === urn && (id === undefined || resource.id === id));
    if (!found) throw new Error(`the cloud has no resource ${urn}`);
    return found;
  };
  const dropletId = (stack: string): string | undefined => dropletOf(world, stack)?.id;
  return {
    ping: () => ({ pid: process.pid }),
    status: (): CloudStatus => ({
      pid: process.pid,
      memoryBytes: process.memoryUsage().rss,
      services: [
        edgeStatus(edge),
        ...services.hosts.statuses(),
        ...services.postgres.statuses(),
        ...services.valkey.statuses(),
      ],
      resources: world.everything().filter(isOfAStack).map(summary),
    }),
    setFaults: (params: { faults: readonly Fault[] }) => {
      faults.set(params.faults);
    },
    find: (params: { urn: string }): readonly ResourceSummary[] =>
      world
        .everything()
        .filter(({ urn }) => urn === params.urn)
        .map(summary),
    settled: async (params: { stack: string }): Promise<readonly ResourceSummary[]> => {
      await operations.settled();
      return world
        .everything()
        .filter(({ urn }) => stackOf(urn) === params.stack)
        .map(summary);
    },
    release: async (params: {
      stack: string;
      directory: string;
      version: string;
    }): Promise<CommandResult> => {
      const id = dropletId(params.stack);
      if (id === undefined) throw new Error(`stack ${params.stack} has no server`);
      if (services.hosts.releaseInUse(id) === params.version) {
        return { status: 0, stdout: "", stderr: "" };
      }
      return await services.hosts.release(id, { directory: params.directory }, params.version);
    },
    sitePorts: (params: { stack: string }): SitePorts | undefined => {
      const id = dropletId(params.stack);
      return id === undefined ? undefined : services.hosts.ports(id);
    },
    change: (params: { urn: string; inputs: Readonly<Record<string, unknown>> }) => {
      const found = ofUrn(params.urn);
      world.put({ ...found, inputs: { ...found.inputs, ...params.inputs } });
    },
    remove: async (params: { urn: string; id?: string }) => {
      const before = ofUrn(params.urn, params.id);
      const cloud: Cloud = { world, services, newId, newPassword };
      const { urn, id, inputs } = before;
      await kinds.get(before.type)?.delete?.({ cloud, urn, id, inputs, before });
      world.remove(before);
    },
  };
}

const isOfAStack = ({ urn }: CloudResource): boolean => urn !== "";

function summary({ urn, type, id, ready, inputs }: CloudResource): ResourceSummary {
  const said = kinds.get(typeOf(urn))?.recorded;
  const recorded = typeof said === "function" ? said(inputs) : said;
  return { urn, type, id, ready, ...(recorded !== undefined && { recorded }) };
}

function edgeStatus({ ports }: Edge): ServiceStatus {
  return {
    resource: "edge",
    what: "edge (Cloudflare's proxy)",
    state: "running",
    pid: process.pid,
    ports: [ports.http, ports.https],
  };
}

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
