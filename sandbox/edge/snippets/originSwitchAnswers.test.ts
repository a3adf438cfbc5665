import type { IncomingMessage } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultWriteLimit } from "../../../components/cdn/edgeSpec";
import { type EdgeFixture, ingress, proZoneOf, smallAddress } from "../testing/edgeFixture";
import { medium, small, SwitchedEdge } from "../testing/switchedEdge";
import { open, refused, until } from "../testing/websocketClient";

let edge: EdgeFixture;
let seen: SwitchedEdge["seen"];
let upgraded: SwitchedEdge["upgraded"];

beforeEach(async () => {
  ({ edge, seen, upgraded } = await SwitchedEdge.open());
});
afterEach(async () => {
  await edge.close();
});

const visitor = { from: "127.0.0.9" };

describe("what comes back", () => {
  it("is the origin's answer under the zone's own rules", async () => {
    const { status, headers } = await edge.ask("/api/x");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "x-app": "medium",
      server: "cloudflare",
      "cf-cache-status": "DYNAMIC",
      "strict-transport-security": "max-age=86400",
      "x-frame-options": "SAMEORIGIN",
    });
  });

  it("is a redirect as it is: the visitor follows it", async () => {
    const { status, headers } = await edge.ask("/moved");
    expect(status).toBe(302);
    expect(headers.location).toBe(`https://${ingress}/elsewhere`);
    expect(seen.medium).toHaveLength(1);
  });

  it("streams: the first part arrives before the last is there", async () => {
    let finish!: () => void;
    await edge.app(ingress, (_, response) => {
      response.write("first");
      finish = () => response.end("last");
    });
    const parts = await new Promise<string[]>((resolve, reject) => {
      const request = edge.request("/stream");
      const heard: string[] = [];
      request.on("error", reject);
      request.on("response", (response) => {
        response.on("data", (part: Buffer) => {
          heard.push(part.toString());
          if (heard.length === 1) finish();
        });
        response.on("end", () => {
          resolve(heard);
        });
      });
      request.end();
    });
    expect(parts).toEqual(["first", "last"]);
  });

  it("breaks off where the origin breaks off", async () => {
    await edge.app(ingress, (_, response) => {
      response.write("half", () => response.destroy());
    });
    await expect(edge.ask("/stream")).rejects.toThrow();
  });

  it("is kept at the edge from a server of the zone, under the fetched address", async () => {
    edge.zones = [proZoneOf(small)];
    expect((await edge.ask("/assets/a.css")).headers["cf-cache-status"]).toBe("MISS");
    const { headers, body } = await edge.ask("/assets/a.css");
    expect(headers["cf-cache-status"]).toBe("HIT");
    expect(headers["cache-control"]).toContain("max-age=31536000");
    expect(body).toBe("small: GET /assets/a.css");
    expect(seen.small).toHaveLength(1);
    // Of App Platform another zone decides, which keeps nothing here; nothing of small's is shown.
    edge.zones = [proZoneOf(medium)];
    expect((await edge.ask("/assets/a.css")).body).toBe("medium: GET /assets/a.css");
    expect((await edge.ask("/assets/a.css")).headers["cf-cache-status"]).toBe("DYNAMIC");
  });
});

describe("websockets through the switch", () => {
  it.each(["small", "medium"] as const)("pass both ways to %s", async (name) => {
    edge.zones = [proZoneOf(name === "small" ? small : medium)];
    const { response, socket, head } = await open(edge, "/ws?room=1");
    expect(response.statusCode).toBe(101);
    expect(response.headers["sec-websocket-accept"]).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    const { request } = upgraded[name][0]!;
    expect(request.url).toBe("/ws?room=1");
    expect(request.headers["x-origin-secret"]).toBe(name === "small" ? undefined : "s3cret");
    expect(request.headers["x-drops-visitor-ip"]).toBe("127.0.0.1");
    const sent = Buffer.alloc(1_000_000, "drops");
    socket.write(sent);
    const echo = await until(socket, sent.length + 5, head);
    expect(echo.equals(Buffer.concat([Buffer.from("hello"), sent]))).toBe(true);
    expect(edge.running.stats().websockets).toBe(1);
    socket.destroy();
    await expect.poll(() => edge.running.stats().websockets).toBe(0);
  });

  it("end at the origin when the visitor leaves", async () => {
    const { socket } = await open(edge);
    const ended = new Promise((resolve) => upgraded.medium[0]!.socket.once("close", resolve));
    socket.destroy();
    await ended;
  });

  it("get the origin's refusal as it is", async () => {
    const answer = await refused(edge, "/full");
    expect(answer).toMatchObject({ status: 503, body: "full" });
    expect(answer.headers).toMatchObject({ "retry-after": "7" });
  });

  it("meet the zone's setting and its rate limits first", async () => {
    const zone = proZoneOf(medium, { rateLimit: { requestsPerPeriod: 1 } });
    edge.zones = [zone];
    (await open(edge)).socket.destroy();
    expect((await refused(edge, "/ws")).status).toBe(429);
    edge.now += 60_000;
    edge.zones = [{ ...zone, settings: { ...zone.settings, websockets: "off" } }];
    expect((await refused(edge, "/ws")).body).toContain("Websockets are switched off");
    expect(upgraded.medium).toHaveLength(1);
  });
});

describe("the two rate limits of Pro", () => {
  const write = "/api/users/1/drops";

  it("block writes long before anything else, and for longer", async () => {
    const { requestsPerPeriod, blockSeconds } = defaultWriteLimit;
    for (let count = 0; count < requestsPerPeriod; count += 1) {
      expect((await edge.ask(write, { method: "POST" })).status).toBe(200);
    }
    const blocked = await edge.ask(write, { method: "POST" });
    expect(blocked.status).toBe(429);
    expect(blocked.headers["retry-after"]).toBe(String(blockSeconds));
    expect((await edge.ask("/api/users/1/summary")).status).toBe(200);
    expect((await edge.ask(write, visitor)).status).toBe(200);
    edge.now += blockSeconds * 1_000;
    expect((await edge.ask(write, { method: "POST" })).status).toBe(200);
  });

  it("block before the origin is asked", async () => {
    edge.zones = [proZoneOf(medium, { rateLimit: { requestsPerPeriod: 1 } })];
    await edge.ask("/");
    expect((await edge.ask("/")).status).toBe(429);
    expect(seen.medium).toHaveLength(1);
  });
});

describe("what goes wrong behind the switch", () => {
  it("is Cloudflare's page where no server listens", async () => {
    edge.zones = [proZoneOf(small)];
    edge.routes.clear();
    const answer = await edge.ask("/");
    expect(answer.status).toBe(521);
    expect(answer.body).toContain("Error 521: Web server is down");
    expect(answer.headers["strict-transport-security"]).toBe("max-age=86400");
  });

  it("is the platform's where no instance answers", async () => {
    edge.apps.set(ingress, "nobody-listens");
    const answer = await edge.ask("/");
    expect(answer.status).toBe(503);
    expect(answer.body).toContain("has no instance that answers");
  });

  it("is 1016 where nobody has the origin's name", async () => {
    edge.zones = [proZoneOf({ host: "gone.ondigitalocean.app", secret: "s3cret" })];
    const answer = await edge.ask("/");
    expect(answer.status).toBe(530);
    expect(answer.body).toContain("Error 1016: Origin DNS error");
    expect(edge.log.join()).not.toContain("s3cret");
  });

  it("is 1014 where a record without a snippet leads to an app", async () => {
    const [zone] = edge.zones;
    const { rulesets, records } = zone!;
    const cname = { name: "origin-app.example.com", type: "CNAME", content: ingress };
    edge.zones = [
      {
        ...proZoneOf(medium, { originName: cname.name }),
        records: [
          ...proZoneOf(medium, { originName: cname.name }).records,
          ...records.slice(1),
          { ...cname, proxied: false },
        ],
        rulesets: rulesets.filter(({ phase }) => phase !== "http_request_snippets"),
      },
    ];
    const answer = await edge.ask("/");
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("Error 1014: CNAME Cross-User Banned");
  });

  it.each(["small", "medium"] as const)(
    "leaves nothing open when the visitor leaves while %s thinks",
    async (name) => {
      edge.zones = [proZoneOf(name === "small" ? small : medium)];
      let arrived!: (left: Promise<unknown>) => void;
      const arrival = new Promise<{ readonly left: Promise<unknown> }>((resolve) => {
        arrived = (left) => {
          resolve({ left });
        };
      });
      const silent = ({ socket }: IncomingMessage): void => {
        arrived(new Promise((done) => socket.once("close", done)));
      };
      if (name === "small") await edge.origin(smallAddress, silent, { names: [small.host] });
      else await edge.app(ingress, silent);
      const request = edge.request("/api/slow");
      request.on("error", () => undefined);
      request.end();
      const { left } = await arrival;
      request.destroy();
      await left;
    },
  );

  it("breaks off at the origin what the visitor breaks off", async () => {
    let breaksOff!: (error: unknown) => void;
    const broken = new Promise((resolve) => {
      breaksOff = resolve;
    });
    await edge.app(ingress, (request) => {
      request.on("error", breaksOff);
      request.once("data", () => upload.destroy());
    });
    const upload = edge.request("/api/x", { method: "POST", headers: { "content-length": 1_000 } });
    upload.on("error", () => undefined);
    upload.write("half of it");
    await broken;
  });
});
