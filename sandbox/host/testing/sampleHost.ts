import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderUserData } from "../../../host/bootstrap";
import { renderBundle } from "../../../host/bundle";
import type { AppHostSpec, HostBundle, HostSpec } from "../../../host/types";
import { sampleSpec, sites } from "../../../tests/host/sample";
import { openAuthority } from "../../certificates";
import { startOf } from "../../services/processTable";
import { newHosts, type Hosts, type HostsOptions } from "..";

export { eventually } from "../../../tests/host/eventually";

// What tests of hosts share: a host with a tiny app, all of it in a directory of its own.

export const id = "4711";
export const user = "drops";
export const userData = renderUserData({
  user,
  sshPublicKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 somebody"],
});
/** Secrets that any bundle of these tests is content with; no server is behind them. */
export const secrets: Readonly<Record<string, string>> = {
  "database-url": "postgresql://drops_app:p%40ss@127.0.0.1:1/drops",
  "database-owner-url": "postgresql://drops_owner:p%40ss@127.0.0.1:1/drops",
};

/** A host of the small tier without rights to grant, alarms to send and a domain. */
export function plainSpec(changes: Partial<AppHostSpec> = {}): AppHostSpec {
  return sampleSpec({
    site: sites.address,
    grantRoles: false,
    redis: undefined,
    backup: undefined,
    monitoring: {
      ...sampleSpec().monitoring,
      recipients: { emails: [], webhook: false },
    },
    ...changes,
    app: {
      ...sampleSpec().app,
      environment: { ...sampleSpec().app.environment, REDIS_MODE: "none" },
      ...changes.app,
    },
  });
}

/** The rendered bundle, in which a process that never listens is given up sooner. */
export function bundleOf(spec: HostSpec): HostBundle {
  const { version, files } = renderBundle(spec);
  return {
    version,
    files: files.map((file) => ({
      ...file,
      content: file.content
        .replace("listen_timeout: 15000", "listen_timeout: 700")
        .replace("kill_timeout: 30000", "kill_timeout: 3000"),
    })),
  };
}

export function payloadOf(
  spec: HostSpec,
  more: Readonly<Record<string, string>> = secrets,
): string {
  return JSON.stringify({ bundle: bundleOf(spec), secrets: more });
}

/** A tiny app: says who it is, echoes what comes over a websocket, ends politely. */
const app = (version: string): string => `
const { createServer } = require("node:http");
const server = createServer((request, response) => {
  const { url, headers } = request;
  if (url === "/slow") return setTimeout(() => response.end("slow"), 300);
  if (url === "/crash") process.exit(7);
  response.end(JSON.stringify({ version: ${JSON.stringify(version)}, pid: process.pid, url, headers,
    env: process.env, cwd: process.cwd(), main: require.main === module }));
});
server.on("upgrade", (_, socket) => {
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n\\r\\n");
  socket.pipe(socket);
});
process.on("SIGINT", () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
server.listen(Number(process.env.PORT), () => console.log("listening, " + ${JSON.stringify(version)}));
`;

export interface Said {
  readonly version: string;
  readonly pid: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly main: boolean;
}

export interface Sample {
  readonly hosts: Hosts;
  readonly directory: string;
  /** Directory that stands for the host's "/". */
  readonly root: string;
  /** Where the hosts lie, for another cloud on the same files. */
  readonly options: HostsOptions;
  readonly lines: string[];
  apply(payload: string): ReturnType<Hosts["run"]>;
  /** A directory with a version of the app, and whatever files a test wants different. */
  build(version: string, files?: Readonly<Record<string, string>>): string;
  release(version: string, files?: Readonly<Record<string, string>>): ReturnType<Hosts["release"]>;
  /** What the app itself answers. */
  ask(path?: string): Promise<Said>;
  stop(): Promise<void>;
}

/** A booted host. Without `find` nothing but Node is used. */
export async function startSample(more: Partial<HostsOptions> = {}): Promise<Sample> {
  const directory = mkdtempSync(join(tmpdir(), "drops sandbox-"));
  const lines: string[] = [];
  const options: HostsOptions = {
    directory: join(directory, "hosts"),
    authority: await openAuthority(join(directory, "authority"), "test"),
    log: (line) => lines.push(line),
    find: () => undefined,
    timing: { grantTries: 2, grantPauseMs: 50, healthSeconds: 2, healthPauseMs: 20 },
    ...more,
  };
  const hosts = newHosts(options);
  await hosts.ensure(id, { name: "drops-small", userData });
  const build: Sample["build"] = (version, files = {}) => {
    const release = join(directory, "build", version);
    for (const [path, content] of Object.entries({ "dist/index.js": app(version), ...files })) {
      mkdirSync(join(release, path, ".."), { recursive: true });
      writeFileSync(join(release, path), content);
    }
    return release;
  };
  return {
    ...{ hosts, directory, options, lines, build },
    root: join(options.directory, id, "data"),
    apply: (stdin) =>
      hosts.run({
        ...{ id, user, stdin, environment: {} },
        command: "sudo /usr/local/sbin/drops-host apply",
      }),
    release: (version, files) => hosts.release(id, { directory: build(version, files) }, version),
    ask: async (path = "/") => {
      const { body } = await answer(hosts.ports(id)?.app ?? 0, path);
      return JSON.parse(body) as Said;
    },
    stop: async () => {
      await hosts.stopAll();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** One request on a connection of its own. */
export function answer(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, agent: false, headers }, (incoming) => {
      let body = "";
      incoming.setEncoding("utf8").on("data", (text: string) => (body += text));
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body });
      });
      incoming.on("error", reject);
    }).on("error", reject);
  });
}

/** Whether a process is there that could do anything. */
export function isAlive(pid: number): boolean {
  return startOf(pid) !== undefined;
}
