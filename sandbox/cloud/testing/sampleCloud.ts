import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { CloudResource } from "../../contracts";
import { FaultPlan, parseFault } from "../faults";
import type { Cloud, Kind, Values } from "../kind";
import { Operations } from "../operations";
import { WorldStore } from "../world";

export const network: Kind = {
  type: "test:index/network:Network",
  inputs: z.object({ name: z.string(), range: z.string(), tags: z.array(z.string()).optional() }),
  immutable: ["range"],
  autoName: "name",
  unique: [["name"]],
  quota: { most: 2, dated: { source: "test", asOf: "2026-01-01", verified: true } },
  idStyle: "number",
  create: () => ({ outputs: { urn: "made" }, hidden: { secret: 1 } }),
};
export const machine: Kind = {
  type: "test:index/machine:Machine",
  inputs: z.object({ size: z.enum(["small", "large"]), networkId: z.string() }),
  immutable: [],
  references: [{ input: "networkId", type: network.type }],
  idStyle: "uuid",
};
export const part: Kind = {
  ...machine,
  type: "test:index/part:Part",
  inputs: z.object({ of: z.string() }),
  references: [{ input: "of", type: network.type, onDelete: "cascade" }],
};
const sampleKinds = [network, machine, part];

export const urn = (type: string, name: string) => `urn:pulumi:small::drops::${type}::${name}`;

/** The framework with kinds of its own, and nothing behind them. */
export class SampleCloud {
  readonly directory = mkdtempSync(join(tmpdir(), "drops-world-"));
  world!: WorldStore;
  faults!: FaultPlan;
  operations!: Operations;

  constructor(private readonly kinds: readonly Kind[] = sampleKinds) {
    this.reopen();
  }

  /** As another process does, after a restart or a crash. */
  reopen(): void {
    this.world = new WorldStore(join(this.directory, "world.json"));
    this.faults = new FaultPlan();
    let count = this.world.everything().length;
    const { world, faults } = this;
    const cloud = { world, newId: () => String((count += 1)), newPassword: () => "p" };
    this.operations = new Operations({
      ...{ world, faults, cloud: cloud as unknown as Cloud },
      kindOf: (type) => this.kinds.find((kind) => kind.type === type),
      crash: () => {
        throw new Error("crashed");
      },
    });
  }

  close(): void {
    rmSync(this.directory, { recursive: true });
  }

  fail(text: string): void {
    this.faults.set([parseFault(text, "fail")]);
  }

  async make(kind: Kind, name: string, inputs: Values): Promise<CloudResource> {
    return await this.operations.create(kind, urn(kind.type, name), inputs);
  }

  async network(name: string): Promise<CloudResource> {
    return await this.make(network, name, { name, range: "10.0.0.0/16" });
  }
}
