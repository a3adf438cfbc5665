import { get } from "node:http";
import { connect } from "node:net";
import { checkDefaults, type AppHealthCheck } from "./spec";

/** A health check with every number in it, milliseconds. */
export interface Probe {
  /** Undefined: a connection counts. */
  readonly path: string | undefined;
  readonly port: number;
  readonly initialDelayMs: number;
  readonly periodMs: number;
  readonly timeoutMs: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  /** Codes of HTTP that pass. @default 200-399 */
  readonly isPass?: (status: number) => boolean;
  /** Who asks. @default App Platform */
  readonly userAgent?: string;
}

/** @param port Of the component, in its container and on this machine. */
export function probeOf(
  kind: keyof typeof checkDefaults,
  check: AppHealthCheck | undefined,
  { container, local }: { readonly container: number; readonly local: number },
): Probe {
  const whole = { ...checkDefaults[kind], ...check };
  const asked = check?.port ?? container;
  return {
    path: check?.httpPath,
    port: asked === container ? local : asked,
    initialDelayMs: whole.initialDelaySeconds * 1_000,
    periodMs: whole.periodSeconds * 1_000,
    timeoutMs: whole.timeoutSeconds * 1_000,
    successThreshold: whole.successThreshold,
    failureThreshold: whole.failureThreshold,
  };
}

/** Time after which the platform gives up on an instance that was never healthy, milliseconds. */
export function patienceOf({ initialDelayMs, periodMs, failureThreshold }: Probe): number {
  return initialDelayMs + periodMs * failureThreshold;
}

/** Whether one check succeeds. */
export async function passes(probe: Probe): Promise<boolean> {
  const { path, port, timeoutMs } = probe;
  return await (path === undefined ? accepts(port, timeoutMs) : answers(path, probe));
}

const isUsualPass = (status: number): boolean => status >= 200 && status < 400;

async function answers(path: string, probe: Probe): Promise<boolean> {
  const { port, timeoutMs, isPass = isUsualPass } = probe;
  const { userAgent = "DigitalOcean App Platform health check (sandbox)" } = probe;
  return await new Promise((resolve) => {
    const request = get(
      {
        ...{ host: "127.0.0.1", port, path, agent: false },
        headers: { "user-agent": userAgent },
        signal: AbortSignal.timeout(timeoutMs),
      },
      ({ statusCode = 500 }) => {
        request.destroy();
        resolve(isPass(statusCode));
      },
    );
    request.on("error", () => {
      resolve(false);
    });
  });
}

async function accepts(port: number, timeoutMs: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, end(false));
    socket.once("connect", end(true)).once("error", end(false));
  });
}

/** Repeats a check of a process for as long as it runs, and counts in a row what it says. */
export class Watch {
  private timer: NodeJS.Timeout | undefined;
  private ended = false;
  private pid: number | undefined;
  private notBefore = 0;
  private successes = 0;
  private failures = 0;

  constructor(
    private readonly probe: Probe,
    private readonly args: {
      /** Longest pause between two checks. */
      readonly pauseMs: number;
      /** The process that is asked; undefined: it does not run, or is starting. */
      readonly pid: () => number | undefined;
      readonly onVerdict: (verdict: "healthy" | "unhealthy") => void;
    },
  ) {}

  start(): void {
    this.timer = setTimeout(
      () => {
        void this.again();
      },
      Math.min(this.probe.periodMs, this.args.pauseMs),
    );
    this.timer.unref();
  }

  stop(): void {
    this.ended = true;
    clearTimeout(this.timer);
  }

  private async again(): Promise<void> {
    const pid = this.args.pid();
    if (pid !== this.pid) this.begin(pid);
    if (pid !== undefined && Date.now() >= this.notBefore) {
      const passed = await passes(this.probe);
      // Of one that ended meanwhile it says nothing.
      if (!this.ended && this.args.pid() === pid) this.count(passed);
    }
    if (!this.ended) this.start();
  }

  private begin(pid: number | undefined): void {
    this.pid = pid;
    this.notBefore = Date.now() + this.probe.initialDelayMs;
    this.successes = this.failures = 0;
  }

  private count(passed: boolean): void {
    this.successes = passed ? this.successes + 1 : 0;
    this.failures = passed ? 0 : this.failures + 1;
    if (this.successes === this.probe.successThreshold) this.args.onVerdict("healthy");
    if (this.failures === this.probe.failureThreshold) this.args.onVerdict("unhealthy");
  }
}
