import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { domain, EdgeFixture, ingress, mediumAddress } from "../testing/edgeFixture";
import { echoWebsockets, open, refused, until, type Upgraded } from "../testing/websocketClient";

const secret = "s3cret";
const host = ingress;
let edge: EdgeFixture;
let seen: IncomingHttpHeaders[];
let upgraded: readonly Upgraded[];

beforeEach(async () => {
  seen = [];
  edge = await EdgeFixture.open({
    onThisMachine: (location) => location.replace(host, `${host}:8443`),
  });
  const app = await edge.app(host, (request, response) => {
    seen.push(request.headers);
    const isTrusted = request.headers["x-origin-secret"] === secret;
    response.statusCode = isTrusted ? 200 : 403;
    if (request.url === "/assets/a.css") response.setHeader("cache-control", "public, max-age=600");
    request.on("end", () => response.end(`${request.method ?? ""} ${request.url ?? ""}`)).resume();
  });
  upgraded = echoWebsockets(app);
});
afterEach(async () => {
  await edge.close();
});

describe("App Platform's own edge", () => {
  it("answers under an app's default ingress with whatever the app answers", async () => {
    const answer = await edge.ask("/a?b=1", { host });
    expect([answer.status, answer.body]).toEqual([403, "GET /a?b=1"]);
    const trusted = await edge.ask("/a", { host, headers: { "x-origin-secret": secret } });
    expect(trusted.status).toBe(200);
    const posted = await edge.ask("/a", { host, method: "POST", body: "text" });
    expect(posted.body).toBe("POST /a");
  });

  it("shows a certificate for that name, and for no name of nobody's", async () => {
    const handshake = async (servername: string) =>
      await new Promise<string | undefined>((resolve, reject) => {
        const socket = connect({ ...edge.connection({ host: servername }) }, () => {
          resolve(socket.getPeerCertificate().subjectaltname);
          socket.destroy();
        });
        socket.once("error", reject);
      });
    expect(await handshake(host)).toBe(`DNS:${host}`);
    await expect(handshake("other.ondigitalocean.app.localhost")).rejects.toThrow();
  });

  it("tells the app who asks, and for what", async () => {
    const headers = {
      "x-forwarded-for": "6.6.6.6",
      "do-connecting-ip": "6.6.6.6",
      "cf-connecting-ip": "6.6.6.6",
      "x-forwarded-proto": "gopher",
    };
    await edge.ask("/", { host, headers, from: "127.0.0.9" });
    expect(seen[0]).toMatchObject({
      host,
      "do-connecting-ip": "127.0.0.9",
      "x-forwarded-host": host,
      "x-forwarded-proto": "https",
    });
    expect(seen[0]).not.toHaveProperty("x-forwarded-for");
    expect(seen[0]).not.toHaveProperty("cf-connecting-ip");
  });

  it("follows no rule of any zone, and keeps nothing", async () => {
    for (let count = 0; count < 210; count += 1) {
      const { status, headers } = await edge.ask("/assets/a.css", { host });
      expect([status, headers["cf-cache-status"]]).toEqual([403, "DYNAMIC"]);
      expect(headers).not.toHaveProperty("x-frame-options");
    }
  });

  it("sends plain HTTP to HTTPS, at the port that it has here", async () => {
    const { status, headers } = await edge.ask("/a?b=1", { host, secure: false });
    expect([status, headers.location]).toEqual([301, `https://${host}:8443/a?b=1`]);
    expect(seen).toEqual([]);
  });

  it("passes websockets both ways, or the app's refusal", async () => {
    const { socket, head } = await open(edge, "/ws", { host });
    socket.write("again");
    expect((await until(socket, 10, head)).toString()).toBe("helloagain");
    expect(upgraded[0]!.request.headers["do-connecting-ip"]).toBe("127.0.0.1");
    socket.destroy();
    expect((await refused(edge, "/full", { host })).status).toBe(503);
  });

  it("says so where no instance of an app answers", async () => {
    edge.apps.set(host, "nobody-listens");
    const answer = await edge.ask("/", { host });
    expect(answer.status).toBe(503);
    expect(answer.body).toContain("has no instance that answers");
    edge.apps.set(host, { host: "127.0.0.1", port: 1 });
    expect((await edge.ask("/", { host })).status).toBe(521);
  });

  it("leaves the zone's host to the zone", async () => {
    edge.apps.set(domain, edge.apps.get(host)!);
    await edge.origin(mediumAddress, (_, response) => response.end("zone"));
    expect((await edge.ask("/")).status).toBe(521);
    expect(seen).toEqual([]);
    expect((await edge.ask("/", { host: "elsewhere.test", secure: false })).status).toBe(409);
  });
});
