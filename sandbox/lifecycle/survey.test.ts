import { describe, expect, it } from "vitest";
import type { CloudClient, CloudStatus } from "../cloud/client";
import type { Places } from "../places";
import { survey } from "./survey";
import { sample, samplePlaces, sampleStack, writeState } from "./testing/sampleSandbox";
import { beginRun } from "./unfinished";

const vps = sample("vps", "1");
const bucketType = "digitalocean:index/spacesBucket:SpacesBucket";
const bucket = (stack: string) => ({
  urn: `urn:pulumi:${stack}::drops::${bucketType}::backup-bucket`,
  ...{ type: bucketType, id: `backup-${stack}` },
});

const status: CloudStatus = {
  ...{ pid: 42, memoryBytes: 80 * 2 ** 20 },
  services: [
    {
      ...{ resource: "1", what: "Postgres 17", state: "running", pid: 43, ports: [5433] },
      memoryBytes: 30 * 2 ** 20,
    },
    { resource: "1", what: "app", state: "failing", detail: "ended with code 1" },
    { resource: "1", what: "mail", state: "recorded", detail: "nothing sends mail here" },
  ],
  resources: [
    { urn: vps.urn, type: vps.type, id: "1", ready: true },
    ...["small", "gone"].map((stack) => ({
      ...{ ...bucket(stack), ready: true },
      recorded: "nothing stores objects here",
    })),
  ],
};

function small(places: Places): void {
  writeState(places, "small", {
    resources: [
      sampleStack({ publicUrl: "http://198.18.0.1", originName: "" }),
      { ...vps, protect: true },
      bucket("small"),
    ],
  });
}
const cloudWith = (what: CloudStatus): CloudClient =>
  ({
    status: () => Promise.resolve(what),
    sitePorts: () => Promise.resolve({ http: 3180, https: 3443 }),
    address: { edge: { http: 8080, https: 8443 } },
  }) as unknown as CloudClient;
const cloud = cloudWith(status);

describe("what status tells", () => {
  it("of stacks, of what runs and of what is only recorded", async () => {
    const places = samplePlaces();
    small(places);
    const { text, facts } = await survey(places, cloud);
    expect(text).toContain("stack small: 2 resources, 1 protected\n  http://127.0.0.1:3180\n");
    expect(text).toMatch(/cloud +running +pid 42 +80 MiB\n/);
    expect(text).toMatch(/Postgres 17 +running +pid 43 +30 MiB +127\.0\.0\.1:5433\n/);
    expect(text).toMatch(/app +failing +ended with code 1\n/);
    const [, recorded] = text.split("Only recorded\n");
    expect(recorded).toMatch(/mail +nothing sends mail here\n/);
    // One line a type.
    expect(recorded?.match(/SpacesBucket +nothing stores objects here/g)).toHaveLength(1);
    expect(facts).toMatchObject({ running: true, pid: 42, stacks: [{ stack: "small" }] });
  });

  it("of whose a service is, where several stacks have some", async () => {
    const places = samplePlaces();
    small(places);
    const blue = sample("vps", "2", "blue");
    const two: CloudStatus = {
      ...status,
      services: [...status.services, { resource: "2", what: "app", state: "running", pid: 44 }],
      resources: [...status.resources, { urn: blue.urn, type: blue.type, id: "2", ready: true }],
    };
    const { text } = await survey(places, cloudWith(two));
    expect(text).toMatch(/small: Postgres 17 +running/);
    expect(text).toMatch(/blue: app +running +pid 44/);
  });

  it("of what a deleted stack left on purpose", async () => {
    const places = samplePlaces();
    small(places);
    const { text, facts } = await survey(places, cloud);
    expect(facts.kept).toEqual([{ stack: "gone", type: bucketType, id: "backup-gone" }]);
    expect(text).toMatch(/Kept on purpose.*\n +backup-gone +SpacesBucket +of gone\n/);
  });

  it("of nothing kept while it cannot tell: a run is unfinished", async () => {
    const places = samplePlaces();
    small(places);
    beginRun(places, "gone", { verb: "up", before: [] });
    expect((await survey(places, cloud)).facts.kept).toEqual([]);
  });

  it("of operations that were interrupted", async () => {
    const places = samplePlaces();
    writeState(places, "small", { pending_operations: [{ type: "creating", resource: vps }] });
    const { text } = await survey(places, undefined);
    expect(text).toContain("1 interrupted (the next command mends it)");
  });

  it("of a cloud that does not run", async () => {
    const places = samplePlaces();
    small(places);
    const { text, facts } = await survey(places, undefined);
    expect(text).toContain("The embedded cloud does not run");
    expect(text).toContain("npx drops sandbox refresh small\n");
    expect(facts).toEqual({
      ...{ running: false, kept: [] },
      stacks: [{ stack: "small", resources: 2, protected: 1, pending: 0 }],
    });
  });

  it("of nothing, and what is left without a stack", async () => {
    const places = samplePlaces();
    expect((await survey(places, undefined)).text).toBe(
      "Nothing is up. Try: npx drops sandbox up small\n",
    );
    expect((await survey(places, cloud)).text).toContain("No stack is up; what is left goes with");
  });
});
