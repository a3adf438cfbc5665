import { watch } from "node:fs";
import { join } from "node:path";
import { type Child, say, startChild } from "./child";
import { workload } from "./places";
import { DevError } from "./ports";

export interface ServerOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly migrationUrl: string;
  /** It ended by itself, and not because of a change that is being made. */
  readonly onLost: (how: string) => void;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 150;

/** The app's server, started again whenever its source changes. */
export class ReloadingServer {
  private child: Child | undefined;
  private readonly watchers;
  private timer: NodeJS.Timeout | undefined;
  private schemaChanged = false;
  private work: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(private readonly options: ServerOptions) {
    const changed = (schema: boolean) => () => {
      this.schemaChanged ||= schema;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => {
        this.reload();
      }, SETTLE_MS);
    };
    this.watchers = [
      watch(join(workload, "server"), { recursive: true }, changed(false)),
      watch(join(workload, "migrations"), changed(true)),
    ];
  }

  /** Brings the schema up to date and starts; fails where that does not work. */
  async start(): Promise<void> {
    const started = this.migrate().then(async () => this.run());
    // A change that comes meanwhile has its turn afterwards.
    this.work = started.catch(() => undefined);
    await started;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    for (const watcher of this.watchers) watcher.close();
    await this.child?.stop();
    await this.work;
    await this.child?.stop();
  }

  /** A plain read would be taken for unchanged since the last one, however long ago. */
  private isStopped(): boolean {
    return this.stopped;
  }

  private reload(): void {
    this.work = this.work.then(async () => {
      if (this.stopped) return;
      say("the server's source changed: starting it again");
      const { child } = this;
      this.child = undefined;
      await child?.stop();
      try {
        if (this.schemaChanged) await this.migrate();
        await this.run();
      } catch (error) {
        // Half-written code is no reason to end everything; the next change mends it.
        if (!this.isStopped()) say(`${(error as Error).message}; waiting for the next change`);
      }
    });
  }

  private async migrate(): Promise<void> {
    this.schemaChanged = false;
    const child = startChild({
      label: "migrate",
      program: ["server/migrate.ts"],
      env: { MIGRATION_DATABASE_URL: this.options.migrationUrl, APP_ROLE: "drops_app" },
    });
    const how = await child.ended;
    if (how !== "ended with code 0") throw new DevError(`the migrations failed: ${how}`);
  }

  private async run(): Promise<void> {
    if (this.stopped) return;
    const child = startChild({
      label: "server",
      program: ["server/index.ts"],
      env: this.options.env,
    });
    this.child = child;
    const ready = new Promise<undefined>((resolve) =>
      child.process.once("message", () => {
        resolve(undefined);
      }),
    );
    const failed = await Promise.race([ready, child.ended]);
    if (failed !== undefined) {
      this.child = undefined;
      throw new DevError(`the server ${failed}`);
    }
    void child.ended.then((how) => {
      if (this.child === child && !this.stopped) this.options.onLost(`the server ${how}`);
    });
  }
}
