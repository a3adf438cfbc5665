import { join } from "node:path";
import { z } from "zod";
import { textIn, writeAtOnce } from "../files";
import { freePort, keepPort } from "../services/ports";
import type { HostPorts } from "./relocation";

const portNames = ["http", "https", "metrics", "app", "redis"] as const;

// Partial: records of an older sandbox do not have every port.
const shape = z.object({
  name: z.string(),
  userData: z.string(),
  ports: z.partialRecord(z.enum(portNames), z.int()),
});

/** What a machine was made with. */
export interface HostRecord {
  readonly name: string;
  readonly userData: string;
  readonly ports: HostPorts;
}

/** A record in a directory, with ports of its own; without it a machine has not booted to the end. */
export async function makeRecord(
  directory: string,
  spec: Omit<HostRecord, "ports">,
): Promise<HostRecord> {
  return await write(directory, { ...spec, ports: {} });
}

/** The record in a directory, its ports kept from others; undefined where there is none. */
export async function readRecord(directory: string): Promise<HostRecord | undefined> {
  const text = textIn(pathIn(directory));
  return text === undefined ? undefined : await write(directory, shape.parse(JSON.parse(text)));
}

async function write(directory: string, record: z.infer<typeof shape>): Promise<HostRecord> {
  for (const port of Object.values(record.ports)) keepPort(port);
  const ports: Record<string, number> = {};
  for (const name of portNames) ports[name] = record.ports[name] ?? (await freePort());
  const whole = { ...record, ports: ports as Record<(typeof portNames)[number], number> };
  writeAtOnce(pathIn(directory), JSON.stringify(whole), 0o600);
  return whole;
}

function pathIn(directory: string): string {
  return join(directory, "host.json");
}
