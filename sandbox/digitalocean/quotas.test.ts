import { afterEach, beforeEach, expect, it } from "vitest";
import { digitalocean } from ".";
import { TestCloud } from "./testing/testCloud";

let cloud: TestCloud;
beforeEach(() => {
  cloud = new TestCloud([digitalocean]);
});
afterEach(() => {
  cloud.close();
});

const database = { engine: "pg", version: "17", nodeCount: 1, size: "db-s-1vcpu-1gb" };

it.each([
  ["DatabaseCluster", { ...database, region: "fra1" }, 10, "PostgreSQL Limits, 2025-11-05"],
  ["ReservedIp", { region: "fra1" }, 3, "How to Reassign or Unassign Reserved IPs, 2025-06-17"],
  ["SpacesBucket", {}, 100, "Spaces Limits, 2026-01-13"],
  ["SpacesKey", {}, 200, "Spaces Limits, 2026-01-13"],
])("an account has no %s beyond its quota", async (name, inputs, most, source) => {
  const { type } = cloud.kind(name);
  const others = { type, urn: "", inputs: {}, outputs: {}, hidden: {}, ready: true };
  for (let count = 1; count < most; count += 1) cloud.world.put({ ...others, id: String(count) });
  await cloud.create(name, "last", inputs);
  const refusal = `your account may have ${most} of them (DigitalOcean documentation: ${source})`;
  await expect(cloud.create(name, "beyond", inputs)).rejects.toThrow(refusal);
});
