import type { CloudStatus } from "../cloud/client";
import { stackOf } from "../cloud/urn";
import type { ServiceStatus } from "../contracts";

/** One stack as `status` tells it. */
export interface StackStatus {
  readonly stack: string;
  readonly url?: string;
  readonly resources: number;
  readonly protected: number;
  /** Operations that an engine was killed in. */
  readonly pending: number;
}

/** One resource that outlived its stack or its replacement on purpose. */
export interface KeptResource {
  readonly stack: string;
  /** Type token, e.g. "digitalocean:index/spacesBucket:SpacesBucket". */
  readonly type: string;
  readonly id: string;
}

/**
 * What runs where, for people.
 *
 * @param cloud Undefined where it does not run.
 */
export function statusText(
  stacks: readonly StackStatus[],
  cloud: CloudStatus | undefined,
  kept: readonly KeptResource[],
): string {
  if (stacks.length === 0 && !cloud) return "Nothing is up. Try: npx drops sandbox up small\n";
  const lines = stacks.map(
    ({ stack, url, resources, pending, ...rest }) =>
      `stack ${stack}: ${resources} resources, ${rest.protected} protected` +
      (pending > 0 ? `, ${pending} interrupted (the next command mends it)` : "") +
      (url === undefined ? "" : `\n  ${url}`),
  );
  if (stacks.length === 0)
    lines.push("No stack is up; what is left goes with: drops sandbox reset");
  if (!cloud) {
    const again = `npx drops sandbox refresh ${stacks[0]?.stack ?? "small"}`;
    lines.push("", "The embedded cloud does not run, and nothing behind the stacks does.");
    lines.push(`Start it with everything in it: ${again}`);
    return `${lines.join("\n")}\n`;
  }
  const running = cloud.services.filter(({ state }) => state !== "recorded");
  const ownerOf = ownersIn(cloud);
  const recorded = [
    ...cloud.services
      .filter(({ state }) => state === "recorded")
      .map(({ what, detail }) => [what, detail ?? ""] as const),
    ...new Map(
      cloud.resources.flatMap(({ type, recorded: why }) =>
        why === undefined ? [] : [[lastPart(type), why] as const],
      ),
    ),
  ];
  lines.push("", "Running on this machine");
  lines.push(
    ...table([
      ["cloud", "running", `pid ${cloud.pid}`, mib(cloud.memoryBytes), ""],
      ...running.map((service) => row(service, ownerOf(service))),
    ]),
  );
  lines.push("", "Only recorded");
  lines.push(...table(recorded.map(([what, why]) => [what, why])));
  if (kept.length > 0) {
    lines.push(
      "",
      "Kept on purpose without a stack, as in a real account (goes with the last one)",
    );
    lines.push(...table(kept.map(({ stack, type, id }) => [id, lastPart(type), `of ${stack}`])));
  }
  return `${lines.join("\n")}\n`;
}

/** Stack that a service stands for; undefined where there is one alone, or it is nobody's. */
function ownersIn({ services, resources }: CloudStatus): (of: ServiceStatus) => string | undefined {
  const stacks = new Map(resources.map(({ id, urn }) => [id, stackOf(urn)]));
  const owners = services.map(({ resource }) => stacks.get(resource));
  const isOne = new Set(owners.filter((owner) => owner !== undefined)).size < 2;
  return ({ resource }) => (isOne ? undefined : stacks.get(resource));
}

function row(
  { what, state, pid, ports, memoryBytes, detail }: ServiceStatus,
  stack: string | undefined,
): readonly string[] {
  return [
    stack === undefined ? what : `${stack}: ${what}`,
    state,
    pid === undefined ? "" : `pid ${pid}`,
    memoryBytes === undefined ? "" : mib(memoryBytes),
    [ports && ports.length > 0 ? `127.0.0.1:${ports.join(", ")}` : "", detail ?? ""]
      .filter((part) => part !== "")
      .join("; "),
  ];
}

const lastPart = (type: string): string => type.split(":").at(-1) ?? type;

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`;

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((cells) => (cells[column] ?? "").length)),
  );
  return rows.map((cells) =>
    `  ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}
