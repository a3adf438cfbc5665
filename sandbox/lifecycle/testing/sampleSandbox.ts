import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { placesIn, type Places } from "../../places";

/** A sandbox's files without anything that runs; gone with the test. */
export function samplePlaces(): Places {
  const directory = mkdtempSync(join(tmpdir(), "drops-lifecycle-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return placesIn(join(directory, "sandbox"));
}

export interface SampleResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly protect?: boolean;
  readonly delete?: boolean;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** A resource as the engine's state and the cloud both know it. */
export function sample(name: string, id?: string, stack = "small") {
  const type = "digitalocean:index/droplet:Droplet";
  const urn = `urn:pulumi:${stack}::drops::drops:compute:Vps$${type}::${name}`;
  return { urn, type, ...(id !== undefined && { id }) };
}

/** The stack itself, as the engine keeps its outputs. */
export function sampleStack(outputs: Readonly<Record<string, unknown>>, stack = "small") {
  const type = "pulumi:pulumi:Stack";
  return { urn: `urn:pulumi:${stack}::drops::${type}::drops-${stack}`, type, outputs };
}

/** Writes a stack's state as the engine does. */
export function writeState(
  { state }: Places,
  stack: string,
  latest: {
    readonly resources?: readonly SampleResource[];
    readonly pending_operations?: readonly { type: string; resource: SampleResource }[];
  },
): void {
  const directory = join(state, ".pulumi/stacks/drops");
  mkdirSync(directory, { recursive: true });
  const text = JSON.stringify({ version: 3, checkpoint: { latest } });
  writeFileSync(join(directory, `${stack}.json`), text);
}
