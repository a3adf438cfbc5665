import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { request as secureRequest } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { renderBundle } from "../../host/bundle";
import type { Site } from "../../host/types";
import { onPort, sampleSpec } from "./sample";
import {
  cleanUp,
  eventually,
  freePort,
  run,
  start,
  temporaryDirectory,
  writeFiles,
} from "./support";

export interface Answer {
  readonly status: number;
  /** Each header with all lines that carried it. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
  readonly body: string;
}

export interface Nginx {
  readonly root: string;
  readonly ports: { readonly http: number; readonly https: number };
  /** Output of `nginx -t` on the rendered files. */
  readonly check: { readonly status: number | null; readonly output: string };
  readonly get: (
    path: string,
    options?: { readonly host?: string; readonly tls?: boolean; readonly headers?: object },
  ) => Promise<Answer>;
  /** The first bytes that come back on a raw connection. */
  readonly raw: (text: string) => Promise<string>;
  /** From here on Alertmanager answers that it is not ready. */
  readonly failAlertmanager: () => void;
  /** Puts a release in place: what the app answers then comes from the upstream below. */
  readonly release: () => void;
}

/** The rendered nginx, really running on loopback before a tiny app, Prometheus and Alertmanager. */
export async function startNginx(
  site: Site,
  change: (content: string) => string = (content) => content,
): Promise<Nginx> {
  const root = temporaryDirectory();
  const [http, https] = [await freePort(), await freePort()];
  const app = await listen(createApp());
  const prometheus = await listen(
    createServer((incoming, outgoing) => {
      outgoing.statusCode = incoming.url === "/-/ready" ? 200 : 418;
      outgoing.end(`prometheus ${incoming.url ?? ""}`);
    }),
  );
  let alertmanagerStatus = 200;
  const alertmanager = await listen(
    createServer((incoming, outgoing) => {
      outgoing.statusCode = incoming.url === "/-/ready" ? alertmanagerStatus : 418;
      outgoing.end();
    }),
  );
  const old = Number(/nginx\/1\.(\d+)/.exec(run("nginx", ["-v"]).output)?.[1]) < 25;
  const files = renderBundle(onPort(sampleSpec({ site }), app)).files.filter(({ path }) =>
    path.startsWith("/etc/nginx/"),
  );
  writeFiles(root, files, (content) =>
    change(content)
      .replaceAll(/ (\/(?:etc\/(?:nginx|drops)|srv|var|run)\b)/g, ` ${root}$1`)
      .replaceAll(`-f /srv`, `-f ${root}/srv`)
      .replaceAll(/listen \[::\]:.*\n/g, "")
      .replaceAll("listen 80", `listen 127.0.0.1:${http}`)
      .replaceAll("listen 443", `listen 127.0.0.1:${https}`)
      .replaceAll("127.0.0.1:9090", `127.0.0.1:${prometheus}`)
      .replaceAll("127.0.0.1:9093", `127.0.0.1:${alertmanager}`)
      // Before 1.25 HTTP/2 was a word of `listen`.
      .replaceAll("    http2 on;\n", old ? "" : "    http2 on;\n"),
  );
  for (const directory of ["etc/nginx/sites-enabled", "var/log/nginx", "run", "srv/drops"]) {
    mkdirSync(join(root, directory), { recursive: true });
  }
  const tls = join(root, "etc/drops/tls/current");
  mkdirSync(tls, { recursive: true });
  run("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
    ...["-days", "1", "-subj", "/CN=drops.example.com", "-keyout", `${tls}/privkey.pem`],
    ...["-out", `${tls}/fullchain.pem`],
  ]);
  mkdirSync(join(root, "var/lib/drops/acme/.well-known/acme-challenge"), { recursive: true });
  writeFileSync(join(root, "var/lib/drops/acme/.well-known/acme-challenge/token"), "proof");
  writeFileSync(join(root, "etc/nginx/mime.types"), "types { text/css css; text/html html; }\n");
  symlinkSync("../sites-available/drops-app", join(root, "etc/nginx/sites-enabled/drops-app"));

  const config = ["-p", root, "-c", join(root, "etc/nginx/nginx.conf")];
  const check = run("nginx", [...config, "-t"]);
  if (check.status === 0) {
    start("nginx", [...config, "-g", "daemon off;"]);
    await eventually(() => connected(http));
  }
  return {
    root,
    ports: { http, https },
    check,
    get: (path, options = {}) => get(path, { http, https }, options),
    raw: (text) => raw(http, text),
    failAlertmanager: () => {
      alertmanagerStatus = 503;
    },
    release: () => {
      const dist = join(root, "srv/drops/releases/v2/dist");
      mkdirSync(join(dist, "public/assets"), { recursive: true });
      mkdirSync(join(root, "srv/drops/releases/v1/dist/public/assets"), { recursive: true });
      writeFileSync(join(dist, "index.js"), "");
      writeFileSync(join(dist, "public/assets/new-1a2b.css"), "new");
      writeFileSync(join(root, "srv/drops/releases/v1/dist/public/assets/old-9f8e.css"), "old");
      symlinkSync("releases/v2", join(root, "srv/drops/current"));
      symlinkSync("releases/v1", join(root, "srv/drops/previous"));
    },
  };
}

function createApp(): Server {
  const server = createServer((incoming, outgoing) => {
    const url = incoming.url ?? "";
    outgoing.setHeader("X-Seen", JSON.stringify({ url, ...incoming.headers }));
    if (url.startsWith("/own-headers")) outgoing.setHeader("X-Frame-Options", "DENY");
    if (url === "/assets/from-app.js") {
      outgoing.setHeader("Content-Type", "text/javascript");
      outgoing.setHeader("Cache-Control", "public, max-age=0");
    }
    if (url === "/assets/missing.js") outgoing.statusCode = 404;
    if (url === "/assets/page") outgoing.setHeader("Content-Type", "text/html; charset=utf-8");
    if (url === "/readonly") outgoing.statusCode = 503;
    if (url === "/broken") outgoing.statusCode = 500;
    outgoing.end(`app ${incoming.method ?? ""} ${url}`);
  });
  server.on("upgrade", (incoming, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `X-Connection: ${incoming.headers.connection ?? ""}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  return server;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

function get(
  path: string,
  ports: Nginx["ports"],
  options: { readonly host?: string; readonly tls?: boolean; readonly headers?: object },
): Promise<Answer> {
  const { host = "drops.example.com", tls = false, headers = {} } = options;
  return new Promise((resolve, reject) => {
    const onAnswer = (incoming: IncomingMessage): void => {
      let body = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (body += chunk));
      incoming.on("end", () => {
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headersDistinct, body });
      });
    };
    const to = { host: "127.0.0.1", path, agent: false, headers: { host, ...headers } } as const;
    const call = tls
      ? secureRequest(
          { ...to, port: ports.https, servername: host, rejectUnauthorized: false },
          onAnswer,
        )
      : request({ ...to, port: ports.http }, onAnswer);
    call.on("error", reject);
    call.end();
  });
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let seen = "";
    socket.setEncoding("utf8");
    socket.setTimeout(2_000, () => socket.destroy());
    socket.on("data", (chunk: string) => {
      seen += chunk;
      if (seen.includes("\r\n\r\n") && !seen.endsWith("\r\n\r\n")) socket.destroy();
    });
    socket.on("close", () => {
      resolve(seen);
    });
    socket.on("error", reject);
  });
}

function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve();
    });
    socket.on("error", reject);
  });
}
