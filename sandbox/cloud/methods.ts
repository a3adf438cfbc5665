import type { Apps } from "../apps";
import type { CloudResource, CommandResult, ServiceStatus } from "../contracts";
import { dropletOf } from "../digitalocean/network";
import type { Edge } from "../edge";
import type { Hosts } from "../host";
import type { CloudStatus, ResourceSummary, SitePorts } from "./client";
import type { Fault, FaultPlan } from "./faults";
import { kinds } from "./knownTypes";
import type { Operations } from "./operations";
import { Releases } from "./releases";
import { stackOf, typeOf } from "./urn";
import type { WorldStore } from "./world";

interface Statuses {
  statuses(): readonly ServiceStatus[];
}

interface Parts {
  readonly world: WorldStore;
  readonly operations: Operations;
  readonly faults: FaultPlan;
  readonly services: {
    readonly hosts: Pick<Hosts, "ports" | "release" | "releaseInUse" | "statuses">;
    readonly postgres: Statuses;
    readonly valkey: Statuses;
    readonly apps: Pick<Apps, "registerImage" | "statuses">;
    readonly containers: Statuses;
  };
  readonly edge: Pick<Edge, "ports">;
}

/** What `drops sandbox …` may ask of the cloud, by the names that its client uses. */
export function methodsOf({ world, operations, faults, services, edge }: Parts) {
  const releases = new Releases(services.hosts);
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
        ...services.apps.statuses(),
        ...services.containers.statuses(),
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
      await Promise.all([operations.settled(), releases.settled()]);
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
      return await releases.release(id, params.directory, params.version);
    },
    registerImage: (params: {
      reference: string;
      directory: string;
      environment: Readonly<Record<string, string>>;
    }) => {
      services.apps.registerImage(params.reference, params);
    },
    sitePorts: (params: { stack: string }): SitePorts | undefined => {
      const id = dropletId(params.stack);
      return id === undefined ? undefined : services.hosts.ports(id);
    },
    change: (params: { urn: string; inputs: Readonly<Record<string, unknown>> }) => {
      const found = ofUrn(params.urn);
      const { inputs, outputs } = found;
      const now = "modifiedOn" in outputs && { modifiedOn: new Date().toISOString() };
      world.put({
        ...found,
        inputs: { ...inputs, ...params.inputs },
        outputs: { ...outputs, ...now },
      });
    },
    liftGuards: (params: { stack: string }) => {
      for (const resource of world.everything()) {
        if (stackOf(resource.urn) !== params.stack) continue;
        const lifted = guards.filter((guard) => resource.inputs[guard] === true);
        if (lifted.length === 0) continue;
        const off = Object.fromEntries(lifted.map((guard) => [guard, false]));
        world.put({ ...resource, inputs: { ...resource.inputs, ...off } });
      }
    },
    remove: async (params: { urn: string; id?: string }) => {
      await operations.takeAway(ofUrn(params.urn, params.id));
    },
  };
}

/** Inputs by which a cloud itself keeps a resource from being deleted. */
const guards = [
  "deletionProtection",
  "deletionProtectionEnabled",
  "enableDeletionProtection",
] as const;

const isOfAStack = ({ urn }: CloudResource): boolean => urn !== "";

function summary({ urn, type, id, ready, inputs }: CloudResource): ResourceSummary {
  const said = kinds.get(typeOf(urn))?.recorded;
  const recorded = typeof said === "function" ? said(inputs) : said;
  return { urn, type, id, ready, ...(recorded !== undefined && { recorded }) };
}

function edgeStatus({ ports }: Pick<Edge, "ports">): ServiceStatus {
  return {
    resource: "edge",
    what: "edge (Cloudflare's proxy)",
    state: "running",
    pid: process.pid,
    ports: [ports.http, ports.https],
  };
}
