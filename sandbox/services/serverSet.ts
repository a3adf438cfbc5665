import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ServiceStatus } from "../contracts";
import { inTurn } from "./inTurn";
import { releasePort } from "./ports";

/** One server behind a resource. `Wanted` is what a stack may ask of it. */
export interface ManagedServer<Wanted> {
  /** Takes over what is wanted now; stopped where that needs a new start. */
  adapt(wanted: Wanted): Promise<void>;
  /** Resolves when it answers; does nothing where it runs. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** One of each process. */
  statuses(): readonly ServiceStatus[];
}

/** A kind of server, and how its files become one. */
interface ServerKind<Wanted, Server extends ManagedServer<Wanted>> {
  /** Each server has a directory of its own in it, by its id. */
  readonly directory: string;
  /** What messages call one, e.g. "database cluster". */
  readonly noun: string;
  /** Undefined where there are no files and nothing is `wanted`. Not started yet. */
  readonly open: (id: string, place: string, wanted?: Wanted) => Promise<Server | undefined>;
  /** Ends what runs on the files in a directory, whoever started it. */
  readonly clear: (place: string) => Promise<void>;
  readonly log: (line: string) => void;
}

/** All servers of a kind. What is asked of one of them is done one after the other. */
export class ServerSet<Wanted, Server extends ManagedServer<Wanted>> {
  private readonly servers = new Map<string, Server>();
  /** Why the last start of a server failed. */
  private readonly problems = new Map<string, string>();
  private readonly turn = inTurn();

  constructor(private readonly kind: ServerKind<Wanted, Server>) {}

  get(id: string): Server | undefined {
    return this.servers.get(id);
  }

  /** Work on a running server; it is made where there is none, if it is `wanted`. */
  async use<T>(id: string, work: (server: Server) => Promise<T> | T, wanted?: Wanted): Promise<T> {
    return await this.turn(id, async () => {
      const server = await this.open(id, wanted);
      if (!server) throw new Error(`there is no ${this.kind.noun} ${id}`);
      if (wanted !== undefined) await server.adapt(wanted);
      await this.start(id, server);
      return await work(server);
    });
  }

  /** Stops a server and deletes its files. */
  async remove(id: string): Promise<void> {
    await this.turn(id, async () => {
      const place = this.place(id);
      const server = this.servers.get(id);
      await server?.stop();
      await this.kind.clear(place);
      await rm(place, { recursive: true, force: true, maxRetries: 5 });
      const ports = server?.statuses().flatMap((status) => status.ports ?? []) ?? [];
      for (const port of ports) releasePort(port);
      this.servers.delete(id);
      this.problems.delete(id);
    });
  }

  /**
   * Starts every server that has files. One that does not start keeps none of the others from it:
   * `statuses` says why.
   */
  async startAll(): Promise<void> {
    const ids = await readdir(this.kind.directory).catch(() => []);
    await Promise.all(ids.filter(isId).map((id) => this.turn(id, () => this.startIfThere(id))));
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.servers].map(([id, server]) => this.turn(id, () => server.stop())));
  }

  statuses(): readonly ServiceStatus[] {
    const ids = new Set([...this.servers.keys(), ...this.problems.keys()]);
    return [...ids].flatMap((id) => {
      const problem = this.problems.get(id);
      const unopened = { resource: id, what: this.kind.noun, state: "failing" } as const;
      const statuses = this.servers.get(id)?.statuses() ?? [unopened];
      if (problem === undefined) return statuses;
      return statuses.map((status) => ({ ...status, state: "failing", detail: problem }) as const);
    });
  }

  private async startIfThere(id: string): Promise<void> {
    try {
      const server = await this.open(id);
      if (server) await this.start(id, server);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      this.problems.set(id, problem);
      this.kind.log(problem);
    }
  }

  private async open(id: string, wanted?: Wanted): Promise<Server | undefined> {
    const opened = this.servers.get(id);
    if (opened) return opened;
    const server = await this.kind.open(id, this.place(id), wanted);
    if (server) this.servers.set(id, server);
    return server;
  }

  private async start(id: string, server: Server): Promise<void> {
    await server.start();
    this.problems.delete(id);
  }

  private place(id: string): string {
    // It becomes a directory that is deleted as a whole one day.
    if (!isId(id)) throw new Error(`"${id}" is no id of a ${this.kind.noun}`);
    return join(this.kind.directory, id);
  }
}

const isId = (text: string): boolean => /^[\w-]+$/.test(text);
