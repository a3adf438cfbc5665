import { z } from "zod";
import { stackKinds, type BackupSpec } from "../tiers/types";
import { choice, hostName, hostNameWords, text, whole } from "./leaf";

/** Keys that every tier has. */
export const tier = choice(stackKinds, {
  description: "What the stack is; the stack's name where it is one of these.",
});

/** What is guarded, and how, is each tier's own. */
export const protection = (guarded: string) =>
  choice(["on", "off"], {
    description: `Guards data against deletion: Pulumi's \`protect\` on ${guarded}.`,
  }).default("on");

/** The public host name, and what a stack is without one. */
export const domain = (without: string) =>
  text(hostName, {
    description: `Public host name. ${without}`,
    allowed: hostNameWords,
    example: "drops.example.com",
  });

/** Prefix lengths of the largest and the smallest network. */
interface PrefixLength {
  readonly largest: number;
  readonly smallest: number;
}

/** The private network; each tier has a range of its own. */
export const vpcCidr = (range: string, { largest, smallest }: PrefixLength) =>
  z
    .cidrv4()
    .meta({
      description: "Private network; no two stacks of one account may overlap.",
      allowed: `a private IPv4 range from /${largest} to /${smallest}`,
      example: range,
    })
    .default(range);

/** The nightly dump. */
export const backupKeys = ({ dumpRetentionDays }: BackupSpec) =>
  z
    .strictObject({
      dump: choice(["on", "off"], {
        description: "Nightly logical dump to a bucket.",
      }).default("on"),
      retentionDays: whole(1, 365, {
        description: "How long a dump is kept.",
        example: String(dumpRetentionDays),
      }).default(dumpRetentionDays),
    })
    .prefault({});
