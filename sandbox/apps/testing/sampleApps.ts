import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newApps, type Apps, type AppsOptions } from "..";
import type { ServiceStatus } from "../../contracts";
import type { AppImage, AppService, AppSpec } from "../spec";
import { ask, type Answer } from "./ask";

/** A web server that tells who it is, and does what a test asks of it. */
const server = (change = ""): string => `
  const { createServer } = require("node:http");
  ${change}
  let sick = false;
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://x");
    const say = (status, value) => response.writeHead(status).end(JSON.stringify(value));
    if (pathname === "/healthz") return say(sick ? 500 : 200, {});
    if (pathname === "/sick") return (sick = true), say(200, {});
    if (pathname === "/crash") return process.exit(3);
    if (pathname === "/burn") {
      const until = Date.now() + Number(searchParams.get("ms"));
      while (Date.now() < until);
      return say(200, {});
    }
    let body = "";
    request.on("data", (chunk) => (body += chunk)).on("end", () => {
      const { headers, method, url } = request;
      say(200, { pid: process.pid, version: process.env.VERSION, env: process.env, headers, method, url, body });
    });
  });
  server.on("upgrade", (request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n");
    socket.write("hello");
    socket.pipe(socket);
    process.once("SIGTERM", () => socket.end("bye"));
  });
  process.on("SIGTERM", () => setTimeout(() => process.exit(0), 50));
  server.listen(Number(process.env.PORT), process.env.HOST);
`;

/** Programs of the sample images, by what is special about them. */
export const programs = {
  good: server(),
  neverHealthy: server(`process.env.PORT = "0";`),
  crashing: `console.error("no database at " + process.env.DATABASE_URL); process.exit(7);`,
  stubborn: `process.on("SIGTERM", () => undefined);${server().replace(/process\.on\("SIGTERM".*/, "")}`,
  worker: `
    require("node:fs").appendFileSync(process.env.MARK, process.pid + "\\n");
    setInterval(() => undefined, 1000);
    process.on("SIGTERM", () => process.exit(0));
  `,
  job: `
    require("node:fs").appendFileSync(process.env.MARK, "job " + process.env.VERSION + "\\n");
    console.log("migrating " + process.env.DATABASE_URL);
    process.exit(Number(process.env.JOB_EXIT || 0));
  `,
} as const;

/** Short ones: nothing here waits for a person. */
const timing = {
  ...{ checkPauseMs: 100, livenessPauseMs: 100, healthyMs: 4_000, settleMs: 200 },
  ...{ drainMs: 300, graceMs: 1_000, jobMs: 5_000, restart: { minMs: 200, maxMs: 1_000 } },
  autoscaling: { sampleMs: 200, upMs: 600, downMs: 800 },
};

/** Fields of a service; one that is undefined is left out. */
type ServiceChange = { readonly [Field in keyof AppService]?: AppService[Field] | undefined };

/** An App Platform of a test's own. */
export class SampleApps {
  readonly directory = mkdtempSync(join(tmpdir(), "drops-apps-"));
  readonly lines: string[] = [];
  readonly mark = join(this.directory, "mark");
  apps: Apps;
  private images = 0;

  constructor(private readonly change: Partial<AppsOptions> = {}) {
    this.apps = this.open();
  }

  /** As another cloud does, after this one has ended. */
  open(): Apps {
    writeFileSync(join(this.directory, "ca.pem"), "");
    return (this.apps = newApps({
      directory: join(this.directory, "apps"),
      authorityFile: join(this.directory, "ca.pem"),
      route: () => "no-such-address",
      log: (line) => this.lines.push(line),
      timing,
      ...this.change,
    }));
  }

  async close(): Promise<void> {
    await this.apps.stopAll();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Registers an image with these programs in dist/, and says how a spec names it. */
  image(dist: Readonly<Record<string, string>> = {}): AppImage {
    const directory = join(this.directory, `image-${(this.images += 1)}`);
    mkdirSync(join(directory, "dist"), { recursive: true });
    const files = { "index.js": programs.good, "job.js": programs.job, ...dist };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(directory, "dist", name), text);
    }
    const digest = `sha256:${String(this.images).padStart(64, "0")}`;
    const reference = `registry.digitalocean.com/sandbox/drops@${digest}`;
    this.apps.registerImage(reference, { directory, environment: { NODE_ENV: "production" } });
    return { registryType: "DOCR", repository: "drops", digest };
  }

  /** A service of two instances with a pre-deploy job. */
  spec(image: AppImage, version: string, change: ServiceChange = {}): AppSpec {
    const envs = [
      { key: "VERSION", value: version },
      { key: "MARK", value: this.mark },
      {
        ...{ key: "DATABASE_URL", type: "SECRET" },
        value: "postgresql://app:hunter%2F2@db/drops",
      },
    ];
    return {
      ...{ name: "drops", region: "fra", envs },
      services: [
        {
          ...{ name: "web", image, instanceCount: 2, httpPort: 3000 },
          healthCheck: { httpPath: "/healthz", periodSeconds: 1, failureThreshold: 3 },
          termination: { drainSeconds: 1, gracePeriodSeconds: 1 },
          ...change,
        },
      ],
      jobs: [{ name: "migrate", image, kind: "PRE_DEPLOY", runCommand: "node dist/job.js" }],
    };
  }

  statuses(what: string): readonly ServiceStatus[] {
    return this.apps.statuses().filter((status) => status.what.includes(what));
  }

  /** Numbers of the processes of a component. */
  pids(component = "web"): readonly (number | undefined)[] {
    return this.statuses(`${component} instance`).map(({ pid }) => pid);
  }
}

/** A visitor's request to a host of the platform. */
export async function visit(
  apps: Apps,
  host: string,
  path = "/",
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  const target = apps.ingress(host);
  if (!target) throw new Error(`no live app has ${host}`);
  const { method = "GET", headers = {}, body } = init;
  return await ask({ ...target, path, method, headers: { host, ...headers } }, body);
}

/** Waits until something holds; says in the end what it last was. */
export async function eventually<T>(
  look: () => Promise<T> | T,
  holds: (value: T) => boolean,
  seconds = 10,
): Promise<T> {
  const until = Date.now() + seconds * 1_000;
  for (;;) {
    const value = await look();
    if (holds(value)) return value;
    if (Date.now() > until) throw new Error(`still ${JSON.stringify(value)} after ${seconds} s`);
    await sleep(50);
  }
}
