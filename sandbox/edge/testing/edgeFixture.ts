import { mkdtempSync, rmSync } from "node:fs";
import http, { type IncomingMessage, type RequestListener } from "node:http";
import https from "node:https";
import type { AddressInfo, Server, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edgeRulesets, rulesetRoles } from "../../../components/cdn/edgeRules";
import type { CloudflareEdgeSpec, EdgeOrigin } from "../../../components/cdn/edgeSpec";
import { hostIs } from "../../../components/cdn/expressions";
import { renderOriginSnippet, snippetName } from "../../../components/cdn/originSnippet";
import { zoneSettings } from "../../../components/cdn/zoneSettings";
import { openAuthority } from "../../certificates";
import type { CertificateAuthority, LoopbackTarget, Unreachable } from "../../contracts";
import { type Edge, type EdgeOptions, startEdge, type ZoneView } from "../index";

export const domain = "drops.example.com";
export const smallAddress = "192.0.2.10";
export const mediumAddress = "192.0.2.20";
export const ingress = "drops-medium-x7k2p.ondigitalocean.app.localhost";

export const spec: CloudflareEdgeSpec = {
  zoneId: "0123456789abcdef0123456789abcdef",
  domain,
  originName: "origin-small.example.com",
  plan: "free",
  rateLimit: { requestsPerPeriod: 200 },
  hstsMaxAgeSeconds: 86_400,
};

/** The zone as the project's own stacks register it, through JSON as the engine hands it over. */
export function zoneOf(changes: Partial<CloudflareEdgeSpec> = {}): ZoneView {
  const changed = { ...spec, ...changes };
  const rulesets = edgeRulesets(changed);
  const record = (name: string, type: string, content: string, proxied: boolean) => ({
    ...{ name, type, content, proxied },
  });
  return JSON.parse(
    JSON.stringify({
      id: changed.zoneId,
      name: "example.com",
      settings: zoneSettings,
      records: [
        record(changed.domain, "CNAME", changed.originName, true),
        record("origin-small.example.com", "A", smallAddress, false),
        record("origin-medium.example.com", "A", mediumAddress, false),
      ],
      rulesets: rulesetRoles.map((role) => ({
        phase: rulesets[role].phase,
        rules: rulesets[role].rules,
      })),
    }),
  ) as ZoneView;
}

/** The same on plan Pro, with the project's own snippet in front of an origin. */
export function proZoneOf(origin: EdgeOrigin, changes: Partial<CloudflareEdgeSpec> = {}): ZoneView {
  return withSnippets(zoneOf({ plan: "pro", ...changes }), {
    [snippetName]: renderOriginSnippet(origin),
  });
}

/** A zone whose host meets these snippets, in this order. */
export function withSnippets(zone: ZoneView, snippets: Readonly<Record<string, string>>): ZoneView {
  const rules = Object.keys(snippets).map((name) => ({
    ...{ snippetName: name, enabled: true, expression: hostIs(domain) },
  }));
  return {
    ...{ ...zone, snippets, snippetSubrequests: 2 },
    rulesets: [...zone.rulesets, { phase: "http_request_snippets", rules }],
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly body?: string | Buffer;
  readonly host?: string;
  /** @default true */
  readonly secure?: boolean;
  /** The visitor's own address, one of 127.0.0.0/8. */
  readonly from?: string;
}

/** An edge, the origins behind it, and a visitor before it; `close` ends all of them. */
export class EdgeFixture {
  zones: readonly ZoneView[] = [zoneOf()];
  /** By public address and port, e.g. "192.0.2.10:443". */
  readonly routes = new Map<string, LoopbackTarget | Unreachable>();
  /** Apps of App Platform by host name. */
  readonly apps = new Map<string, LoopbackTarget | Unreachable>();
  readonly log: string[] = [];
  /** The edge's clock, milliseconds. */
  now = Date.now();
  private readonly servers: Server[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly directory: string,
    readonly authority: CertificateAuthority,
  ) {}

  private edge: Edge | undefined;

  static async open(options: Partial<EdgeOptions> = {}): Promise<EdgeFixture> {
    const directory = mkdtempSync(join(tmpdir(), "drops-edge-"));
    const authority = await openAuthority(join(directory, "authority"), "Public authority");
    const fixture = new EdgeFixture(directory, authority);
    try {
      fixture.edge = await startEdge({
        zones: () => fixture.zones,
        platformApp: (host) => fixture.apps.get(host),
        route: (address, port) => fixture.routes.get(`${address}:${port}`) ?? "nobody-listens",
        authority,
        ports: { http: 0, https: 0 },
        log: (line) => fixture.log.push(line),
        now: () => fixture.now,
        ...options,
      });
    } catch (error) {
      await fixture.close();
      throw error;
    }
    return fixture;
  }

  get running(): Edge {
    if (!this.edge) throw new Error("the edge has not been started");
    return this.edge;
  }

  /** Starts an origin over TLS at a public address, with a certificate for these names. */
  async origin(
    address: string,
    listener: RequestListener,
    {
      names = [domain],
      authority = this.authority,
    }: { readonly names?: readonly string[]; readonly authority?: CertificateAuthority } = {},
  ): Promise<https.Server> {
    const { key, certificate } = await authority.issue(names);
    const server = https.createServer({ key, cert: certificate }, listener);
    await this.serve(`${address}:443`, server);
    return server;
  }

  /** The same over plain HTTP, on port 80. */
  async plainOrigin(address: string, listener: RequestListener): Promise<void> {
    await this.serve(`${address}:80`, http.createServer(listener));
  }

  /** Starts an app of App Platform behind the platform's edge. */
  async app(host: string, listener: RequestListener): Promise<http.Server> {
    const server = http.createServer(listener);
    this.apps.set(host, await this.listen(server));
    return server;
  }

  /** Makes a server the one that answers at a public address and port. */
  async serve(place: string, server: Server): Promise<void> {
    this.routes.set(place, await this.listen(server));
  }

  private async listen(server: Server): Promise<LoopbackTarget> {
    this.servers.push(server);
    server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.once("close", () => this.sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    return { host: "127.0.0.1", port };
  }

  /** What a visitor's client needs to connect to the edge. */
  connection({ host = domain, secure = true, from }: Question = {}) {
    const { ports } = this.running;
    return {
      host: "127.0.0.1",
      port: secure ? ports.https : ports.http,
      servername: host,
      ca: this.authority.certificate,
      agent: false,
      ...(from !== undefined && { localAddress: from }),
    } as const;
  }

  /** A visitor's request, on a connection of its own. */
  request(path: string, question: Question = {}): http.ClientRequest {
    const { method = "GET", headers = {}, host = domain, secure = true } = question;
    return (secure ? https : http).request({
      ...this.connection(question),
      ...{ method, path, headers: { host, ...headers } },
    });
  }

  async ask(path: string, question: Question = {}): Promise<Answer> {
    return await new Promise((resolve, reject) => {
      const request = this.request(path, question);
      request.on("error", reject);
      request.on("response", (response) => {
        resolve(read(response));
      });
      request.end(question.body);
    });
  }

  async close(): Promise<void> {
    await this.edge?.stop();
    for (const socket of this.sockets) socket.destroy();
    await Promise.all(this.servers.map((server) => new Promise((done) => server.close(done))));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
