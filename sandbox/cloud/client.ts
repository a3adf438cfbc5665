import { readFileSync } from "node:fs";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import type { CommandResult, ServiceStatus } from "../contracts";
import type { Places } from "../places";
import type { Fault } from "./faults";

/** Where the cloud's process listens, as it wrote it down. */
export interface CloudAddress {
  readonly pid: number;
  readonly controlPort: number;
  /** Ports of the provider protocol, by package name. */
  readonly providerPorts: Readonly<Record<string, number>>;
  readonly edge: { readonly http: number; readonly https: number };
  readonly token: string;
  /** Of the code that the process runs; another one wants another process. */
  readonly codeVersion: string;
}

/** One resource, without what is secret. */
export interface ResourceSummary {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly ready: boolean;
  /** Why nothing runs for it on this machine. */
  readonly recorded?: string;
}

export interface CloudStatus {
  readonly pid: number;
  readonly memoryBytes: number;
  readonly services: readonly ServiceStatus[];
  readonly resources: readonly ResourceSummary[];
}

/** Ports on this machine that stand for the public ports of a stack's server. */
export interface SitePorts {
  readonly http: number;
  readonly https: number;
}

/** The cloud as the commands see it. */
export class CloudClient {
  constructor(readonly address: CloudAddress) {}

  async ping(): Promise<{ readonly pid: number }> {
    return (await this.ask("ping", {}, 3_000)) as { pid: number };
  }

  async status(): Promise<CloudStatus> {
    return (await this.ask("status")) as CloudStatus;
  }

  async setFaults(faults: readonly Fault[]): Promise<void> {
    await this.ask("setFaults", { faults });
  }

  /** What the cloud has for a URN: several while one replaces another. */
  async find(urn: string): Promise<readonly ResourceSummary[]> {
    return (await this.ask("find", { urn })) as readonly ResourceSummary[];
  }

  /** What the cloud has of a stack, once it has done all that it was asked for. */
  async settled(stack: string): Promise<readonly ResourceSummary[]> {
    return (await this.ask("settled", { stack })) as readonly ResourceSummary[];
  }

  /** Puts a version of the app into use on a stack's server. */
  async release(stack: string, directory: string, version: string): Promise<CommandResult> {
    return (await this.ask("release", { stack, directory, version })) as CommandResult;
  }

  /**
   * Pushes an image into the world's registries: what a Dockerfile makes of a build, here the build.
   *
   * @param reference With registry and digest, e.g. "registry.digitalocean.com/sandbox/drops@sha256:…".
   * @param directory Holds dist/; it has to stay.
   * @param environment What the image's Dockerfile sets.
   */
  async registerImage(
    reference: string,
    directory: string,
    environment: Readonly<Record<string, string>> = { NODE_ENV: "production" },
  ): Promise<void> {
    await this.ask("registerImage", { reference, directory, environment });
  }

  async sitePorts(stack: string): Promise<SitePorts | undefined> {
    return ((await this.ask("sitePorts", { stack })) as SitePorts | null) ?? undefined;
  }

  /** What an account's owner does before a stack goes: the cloud's own guards against deletion. */
  async liftGuards(stack: string): Promise<void> {
    await this.ask("liftGuards", { stack });
  }

  /** Changes a resource behind the engine's back, as somebody in the provider's console would. */
  async change(urn: string, inputs: Readonly<Record<string, unknown>>): Promise<void> {
    await this.ask("change", { urn, inputs });
  }

  /** Deletes a resource behind the engine's back; of several with the URN, the one with that id. */
  async remove(urn: string, id?: string): Promise<void> {
    await this.ask("remove", { urn, ...(id !== undefined && { id }) });
  }

  /** Ends the process and everything that it runs. */
  async stop(): Promise<void> {
    await this.ask("stop");
  }

  private async ask(method: string, params: object = {}, timeoutMs = 600_000): Promise<unknown> {
    const { pid } = this.address;
    const said = await post(this.address, { method, params }, timeoutMs).catch((error: unknown) => {
      throw new Error(
        `the embedded cloud (process ${pid}) does not answer (${method}): run the command again, ` +
          "it is then started anew with all that it has",
        { cause: error },
      );
    });
    const answer = JSON.parse(said) as { result?: unknown; error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }
}

/** Not with `fetch`, whose own limit for an answer's first line is shorter than a release may take. */
async function post(
  { controlPort, token }: CloudAddress,
  body: object,
  timeoutMs: number,
): Promise<string> {
  return await new Promise((resolve, reject) => {
    request(
      {
        ...{ host: "127.0.0.1", port: controlPort, method: "POST", agent: false },
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(timeoutMs),
      },
      (response) => {
        text(response).then(resolve, reject);
      },
    )
      .once("error", reject)
      .end(JSON.stringify(body));
  });
}

/** The cloud that runs for these places; undefined: none does. */
export async function runningCloud(places: Places): Promise<CloudClient | undefined> {
  let address: CloudAddress;
  try {
    address = JSON.parse(readFileSync(places.address, "utf8")) as CloudAddress;
  } catch {
    return undefined;
  }
  const client = new CloudClient(address);
  try {
    const { pid } = await client.ping();
    return pid === address.pid ? client : undefined;
  } catch {
    return undefined;
  }
}
