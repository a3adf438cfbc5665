import { valkeySizes, type ValkeySize } from "../../prices/digitalocean";
import { problem, setCommand, type Problem } from "../problems";
import type { MediumConfig } from "../schema";

/** Who runs Redis, and the URL that only an external one has. */
export function redisProblems({
  redis: { provider, url },
}: {
  readonly redis: { readonly provider: string; readonly url?: string | undefined };
}): Problem[] {
  if (provider === "external" && url === undefined) {
    return [
      problem(
        ["redis", "url"],
        "nothing, with provider external",
        "redis:// or rediss:// with a host",
        setCommand(["redis", "url"], "", true),
      ),
    ];
  }
  if (provider !== "external" && url !== undefined) {
    return [
      problem(
        ["redis", "url"],
        `[secret], with provider ${provider}`,
        "nothing, unless the provider is external",
        setCommand(["redis", "provider"], "external"),
      ),
    ];
  }
  return [];
}

/** Whether the managed Valkey's size may have the standby that is asked for. */
export function valkeyNodeProblems({ redis }: Pick<MediumConfig, "redis">): Problem[] {
  const { provider, size, nodes } = redis;
  if (provider !== "digitalocean" || nodes === 1 || valkeySizes[size].standby) return [];
  const able = (Object.keys(valkeySizes) as ValkeySize[]).filter((one) => valkeySizes[one].standby);
  return [
    problem(
      ["redis", "nodes"],
      `${nodes} of ${size}`,
      `1 of that size; a standby takes 2 GiB: ${able.join(", ")}`,
      `${setCommand(["redis", "size"], able[0] ?? "")}, or ${setCommand(["redis", "nodes"], "1")}`,
    ),
  ];
}
