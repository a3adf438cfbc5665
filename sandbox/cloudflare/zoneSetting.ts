import { z } from "zod";
import type { Kind } from "../cloud/kind";
import { CloudflareError } from "./errors";
import { inZone } from "./zone";

const inputs = z.object({
  zoneId: z.string(),
  settingId: z.string().min(1),
  value: z.unknown(),
  enabled: z.boolean().optional(),
});

/** Settings that the edge acts on, with the values that it understands. */
const values: Readonly<Record<string, readonly string[]>> = {
  ssl: ["off", "flexible", "full", "strict", "origin_pull"],
  min_tls_version: ["1.0", "1.1", "1.2", "1.3"],
  tls_1_3: ["on", "off", "zrt"],
  always_use_https: ["on", "off"],
  websockets: ["on", "off"],
};

export const zoneSetting: Kind = {
  type: "cloudflare:index/zoneSetting:ZoneSetting",
  inputs,
  immutable: ["zoneId", "settingId"],
  references: [inZone],
  // Two stacks may set the same one: the last word holds, as with the real zone. `modifiedOn` says
  // which that is.
  idStyle: "hex",
  recorded: ({ settingId }) =>
    Object.hasOwn(values, String(settingId)) ? undefined : "the edge does not act on this setting",
  refuse: ({ inputs: { settingId, value } }) => {
    const allowed = values[String(settingId)];
    if (allowed && !allowed.includes(String(value))) {
      throw new CloudflareError(
        1007,
        `Invalid value for zone setting ${String(settingId)}: ${JSON.stringify(value)}; allowed: ${allowed.join(", ")}`,
      );
    }
  },
  create: made,
  update: made,
};

function made() {
  return { outputs: { editable: true, modifiedOn: new Date().toISOString() } };
}
