import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { setImmediate as tick } from "node:timers/promises";
import type { CloudResource, CommandResult } from "../contracts";
import { FaultPlan } from "./faults";
import { kinds } from "./knownTypes";
import { methodsOf } from "./methods";
import { SampleCloud } from "./testing/sampleCloud";

const done: CommandResult = { status: 0, stdout: "", stderr: "" };
const urnOf = (type: string): string => `urn:pulumi:small::drops::${type}::x`;
const types = {
  droplet: "digitalocean:index/droplet:Droplet",
  address: "digitalocean:index/reservedIp:ReservedIp",
  assignment: "digitalocean:index/reservedIpAssignment:ReservedIpAssignment",
};

let cloud: SampleCloud;
let methods: ReturnType<typeof methodsOf>;
/** Releases on the stack's server, each ended by the test. */
let releases: { readonly version: string; readonly end: (result: CommandResult) => void }[];
/** What the server's link points at. */
let current: string | undefined;

beforeEach(() => {
  cloud = new SampleCloud(
    [...kinds.values()].map((kind) => ({ ...kind, delete: () => undefined })),
  );
  releases = [];
  current = "v1";
  const nothing = { statuses: () => [] };
  const hosts = {
    ...{ statuses: () => [], ports: () => undefined, releaseInUse: () => current },
    release: async (_id: string, _source: unknown, version: string) => {
      // As on a host: the link first, and back where the version is not healthy.
      current = version;
      return await new Promise<CommandResult>((resolve) => {
        releases.push({ version, end: resolve });
      });
    },
  };
  methods = methodsOf({
    ...{ world: cloud.world, operations: cloud.operations, faults: new FaultPlan() },
    services: {
      ...{ hosts, postgres: nothing, valkey: nothing, containers: nothing },
      apps: { ...nothing, registerImage: () => undefined },
    },
    edge: { ports: { http: 1, https: 2 } },
  });
  put(types.droplet, "1", { name: "drops" });
});
afterEach(() => {
  cloud.close();
});

function put(type: string, id: string, inputs: CloudResource["inputs"]): void {
  const rest = { outputs: {}, hidden: {}, ready: true };
  cloud.world.put({ id, type, urn: urnOf(type), inputs, ...rest });
}

describe("a release", () => {
  const release = (version: string) =>
    methods.release({ stack: "small", directory: "/build", version });

  it("waits for one whose command was ended, and does not believe its link", async () => {
    const first = release("v2");
    const second = release("v2");
    await tick();
    expect(releases.map(({ version }) => version)).toEqual(["v2"]);
    // It was not healthy.
    current = "v1";
    releases[0]?.end({ ...done, status: 1 });
    expect(await first).toMatchObject({ status: 1 });
    await tick();
    expect(releases).toHaveLength(2);
    releases[1]?.end(done);
    expect(await second).toEqual(done);
    expect(await release("v2")).toEqual(done);
    expect(releases).toHaveLength(2);
  });

  it("is waited for by whoever wants the cloud to have done everything", async () => {
    const under = release("v2");
    let isSettled = false;
    const settled = methods.settled({ stack: "small" }).then((resources) => {
      isSettled = true;
      return resources;
    });
    await tick();
    expect(isSettled).toBe(false);
    releases[0]?.end(done);
    await under;
    expect(await settled).toHaveLength(1);
  });
});

describe("what is removed behind the engine's back", () => {
  it("takes along what goes with it", async () => {
    put(types.address, "198.18.0.1", { region: "fra1" });
    put(types.assignment, "2", { ipAddress: "198.18.0.1", dropletId: 1 });
    await methods.remove({ urn: urnOf(types.droplet) });
    expect(cloud.world.everything().map(({ type }) => type)).toEqual([types.address]);
  });
});
