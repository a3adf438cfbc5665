import pg, { type QueryResult } from "pg";
import type { ProcessConfig } from "./processConfig";
import { classify } from "./errors";
import type { Logger } from "./log";
import { clientConfig } from "./pools";

/** `unknown`: this process has never been able to read the row. In the order of the metric's numbers. */
export const modes = ["open", "readonly", "forward", "unknown"] as const;
export type Mode = (typeof modes)[number];

/** What `drops_control` says about this database. */
export interface Control {
  readonly mode: Mode;
  /** Where requests go in mode `forward`. */
  readonly forwardTo: URL | undefined;
  /** Counts the changes; a promotion waits for it to arrive. Undefined: there was no row to read. */
  readonly epoch: string | undefined;
}

export interface ControlRow {
  readonly mode: string;
  readonly forward_to: string | null;
  readonly epoch: string;
}

/**
 * Advisory lock that each write transaction shares until its end. A trigger takes it alone before
 * `drops_control` changes: once that change is committed, no write that began before it is pending.
 * Unlike a share lock on the row it needs no right to update, and writers cannot starve the fence.
 */
const CONTROL_LOCK = [1_146_244_944, 1] as const;

const READ_CONTROL = "SELECT mode, forward_to, epoch FROM drops_control";

/**
 * Begins a write: the mode is read after the lock is held, so it holds until COMMIT. The isolation is
 * said, because under a database's default of REPEATABLE READ the snapshot would be older than the lock.
 * The lock is not waited for: while a fence waits for the writes under way, those who wait behind it
 * would hold all connections of the pool, and reads would have none. Settings, in milliseconds, are
 * those of this transaction alone.
 */
export function beginGated(settings: Readonly<Record<string, number>> = {}): string {
  const limits = Object.entries(settings).map(([name, ms]) => `SET LOCAL ${name} = ${ms}; `);
  return `BEGIN ISOLATION LEVEL READ COMMITTED; ${limits.join("")}
SELECT pg_try_advisory_xact_lock_shared(${CONTROL_LOCK.join(", ")}) AS shared; ${READ_CONTROL}`;
}

/** A standby can be read, and told of a fence, but neither be written nor listened to. */
const POLL = `SELECT pg_is_in_recovery() AS standby; ${READ_CONTROL}`;
type PollAnswers = [QueryResult<{ standby: boolean }>, QueryResult<ControlRow>];

/** Postgres channel of the live feed where no Redis carries it. */
export const FEED_CHANNEL = "drops_feed";

/** Reads the row; whatever is not understood is `readonly`, which loses nothing. */
export function parseControl(row: ControlRow | undefined): Control {
  const epoch = row?.epoch;
  if (row?.mode === "open") return { mode: "open", forwardTo: undefined, epoch };
  const target = row?.mode === "forward" ? forwardTarget(row.forward_to) : undefined;
  if (target) return { mode: "forward", forwardTo: target, epoch };
  return { mode: "readonly", forwardTo: undefined, epoch };
}

function forwardTarget(text: string | null): URL | undefined {
  if (text === null || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  const web = url.protocol === "http:" || url.protocol === "https:";
  return web && plain && url.pathname === "/" ? url : undefined;
}

export interface ControlHealth {
  /** Whether the last poll was answered. */
  readonly reachable: boolean;
  /** Milliseconds since the last answered poll; undefined: there was none. */
  readonly ageMs: number | undefined;
  readonly problem: string | undefined;
  /** Whether the database was a standby at the last answered poll: it refuses writes. */
  readonly standby: boolean;
}

/**
 * Polls `drops_control` on a connection of its own, so that a busy pool cannot delay a fence. The
 * same connection listens for the feed's notifications. A poll that fails leaves the mode as it is.
 */
export class ControlWatch {
  private current: Control = { mode: "unknown", forwardTo: undefined, epoch: undefined };
  private client: pg.Client | undefined;
  /** The connection that hears the feed. */
  private listening: pg.Client | undefined;
  private standby = false;
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private answeredAt: number | undefined;
  private problem: string | undefined = "not polled yet";
  private stopped = false;
  private newestEpoch = 0n;
  private ignoredEpoch: string | undefined;
  private readonly listeners: ((now: Control, before: Control) => void)[] = [];
  private readonly feedListeners: ((payload: string) => void)[] = [];

  constructor(
    private readonly config: Pick<ProcessConfig, "database" | "controlPollMs">,
    private readonly log: Logger,
  ) {}

  get state(): Control {
    return this.current;
  }

  get health(): ControlHealth {
    const ageMs = this.answeredAt === undefined ? undefined : Date.now() - this.answeredAt;
    const { problem, standby } = this;
    return { reachable: problem === undefined, ageMs, problem, standby };
  }

  onChange(listener: (now: Control, before: Control) => void): void {
    this.listeners.push(listener);
  }

  onFeed(listener: (payload: string) => void): void {
    this.feedListeners.push(listener);
  }

  /** Resolves after the first poll, whether or not it was answered. */
  async start(): Promise<void> {
    await this.refresh();
  }

  /** Polls at once (a write was refused) or joins the poll that is under way. */
  refresh(): Promise<void> {
    this.running ??= this.poll().finally(() => {
      this.running = undefined;
      this.schedule();
    });
    return this.running;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
    await this.drop();
  }

  /**
   * What a write transaction read under the lock is as good as a poll. Answers may overtake each other,
   * and a server that was promoted may have lost the last change: what is older than the newest seen
   * changes nothing here. The caller is told the stricter of both, for a write needs both to be open.
   */
  accept(row: ControlRow | undefined): Control {
    const before = this.current;
    const now = parseControl(row);
    // A row that is gone has no epoch, and is not old but not understood.
    if (row && BigInt(row.epoch) < this.newestEpoch) {
      this.tellIgnored(row);
      return now.mode === "open" ? before : now;
    }
    if (row) this.newestEpoch = BigInt(row.epoch);
    this.current = now;
    if (now.mode !== before.mode || now.forwardTo?.href !== before.forwardTo?.href) {
      this.log.info(
        { mode: now.mode, epoch: now.epoch, forwardTo: now.forwardTo?.origin, before: before.mode },
        "mode changed",
      );
      if (now.mode === "readonly" && row?.mode !== "readonly") {
        this.log.error({ said: row?.mode }, "drops_control is not understood: readonly");
      }
      for (const listener of this.listeners) listener(now, before);
    }
    return now;
  }

  /** Once an epoch, not with every poll. */
  private tellIgnored({ epoch, mode }: ControlRow): void {
    if (epoch === this.ignoredEpoch) return;
    this.ignoredEpoch = epoch;
    const newest = String(this.newestEpoch);
    this.log.warn({ epoch, mode, newest }, "drops_control has an older epoch than seen: ignored");
  }

  private schedule(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), this.config.controlPollMs);
  }

  private async poll(): Promise<void> {
    try {
      this.client ??= await this.connect();
      const { client } = this;
      const [server, control] = (await client.query(POLL)) as unknown as PollAnswers;
      this.accept(control.rows[0]);
      const standby = server.rows[0]?.standby === true;
      if (standby !== this.standby) this.log.warn({ standby }, "the database changed its part");
      this.standby = standby;
      // A standby refuses LISTEN, and keeps its connections when it is promoted.
      if (!standby && this.listening !== client) {
        await client.query(`LISTEN ${FEED_CHANNEL}`);
        this.listening = client;
      }
      this.answeredAt = Date.now();
      if (this.problem !== undefined) this.log.info("Postgres answers");
      this.problem = undefined;
    } catch (error) {
      const missing = (error as { code?: unknown }).code === "42P01";
      const problem = missing ? "migrations have not run" : classify(error);
      // It is told once, not four times a second.
      if (problem !== this.problem) {
        this.log.warn({ err: error, mode: this.current.mode }, "the control poll failed");
      }
      this.problem = problem;
      await this.drop();
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      ...clientConfig(this.config.database.primary, "drops-control"),
      connectionTimeoutMillis: Math.min(this.config.database.connectTimeoutMs, 1_000),
      query_timeout: 1_000,
      statement_timeout: 1_000,
    });
    // Without a listener a broken connection would end the process.
    client.on("error", () => {
      if (this.client === client) this.client = undefined;
    });
    client.on("notification", ({ payload }) => {
      for (const listener of this.feedListeners) listener(payload ?? "");
    });
    try {
      await client.connect();
    } catch (error) {
      await end(client);
      throw error;
    }
    return client;
  }

  private async drop(): Promise<void> {
    const { client } = this;
    this.client = undefined;
    if (client) await end(client);
  }
}

/** Ends a connection that may be dead already. */
async function end(client: pg.Client): Promise<void> {
  const given = new Promise((resolve) => setTimeout(resolve, 500).unref());
  await Promise.race([client.end().catch(() => undefined), given]);
}
