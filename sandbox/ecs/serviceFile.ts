import { join } from "node:path";
import { z } from "zod";
import { textIn, writePrivately } from "../services/privateFile";
import type { ServiceOrder } from "../containers/contract";

/** The deployment that was last complete: what it takes to have it run again. */
export interface LiveDeployment {
  readonly id: string;
  /** With the task's definition, which may be deregistered by now. It holds no secret's value. */
  readonly order: ServiceOrder;
}

/** What one service keeps about itself. */
export interface ServiceRecord {
  readonly arn: string;
  /** How many tasks it shall have, as scaling has left it. */
  readonly desired: number;
  /** Undefined: none was ever complete. */
  readonly live?: LiveDeployment;
}

const shape = z.object({
  arn: z.string(),
  desired: z.int().min(0),
  live: z
    .object({
      id: z.string(),
      order: z.custom<ServiceOrder>((value) => typeof value === "object" && value !== null),
    })
    .optional(),
});

/** Undefined: there is no service in the directory. */
export function readService(directory: string): ServiceRecord | undefined {
  const text = textIn(fileIn(directory));
  if (text === undefined) return undefined;
  const { live, ...rest } = shape.parse(JSON.parse(text));
  return { ...rest, ...(live && { live }) };
}

export function writeService(directory: string, record: ServiceRecord): void {
  writePrivately(fileIn(directory), JSON.stringify(record));
}

const fileIn = (directory: string): string => join(directory, "service.json");
