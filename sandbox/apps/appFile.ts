import { join } from "node:path";
import { z } from "zod";
import { textIn, writePrivately } from "../services/privateFile";
import type { Counts } from "./fleet";
import type { AppSpec } from "./spec";

/** The deployment that serves: what it takes to have it run again after the cloud has ended. */
export interface LiveDeployment {
  readonly id: string;
  /** Holds secrets. */
  readonly spec: AppSpec;
  /** Instances of each component, as autoscaling has left them. */
  readonly counts: Counts;
}

/** What one app keeps about itself, in a file that its owner alone may read. */
export interface AppRecord {
  readonly name: string;
  /** Host name that the platform gave it, for its life. */
  readonly host: string;
  /** Of its balancer, for its life. */
  readonly port: number;
  /** What its secrets are sealed with. */
  readonly sealingKey: string;
  /** Undefined: none was ever live. */
  readonly live?: LiveDeployment;
}

const shape = z.object({
  name: z.string(),
  host: z.string(),
  port: z.int().positive(),
  sealingKey: z.string(),
  live: z
    .object({
      id: z.string(),
      spec: z.custom<AppSpec>((value) => typeof value === "object" && value !== null),
      counts: z.record(z.string(), z.int()),
    })
    .optional(),
});

/** Undefined: there is no app in the directory. */
export function readApp(directory: string): AppRecord | undefined {
  const text = textIn(fileIn(directory));
  if (text === undefined) return undefined;
  const { live, ...rest } = shape.parse(JSON.parse(text));
  return { ...rest, ...(live && { live }) };
}

export function writeApp(directory: string, record: AppRecord): void {
  writePrivately(fileIn(directory), JSON.stringify(record));
}

const fileIn = (directory: string): string => join(directory, "app.json");
