import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAuthority } from "../certificates";
import { domain, EdgeFixture, smallAddress, zoneOf } from "./testing/edgeFixture";

const place = `${smallAddress}:443`;
let edge: EdgeFixture;

beforeEach(async () => {
  edge = await EdgeFixture.open();
});

/** Waits for an origin no longer than a test may take, and long enough for a busy machine. */
const impatient = async (timeouts: { readonly connect?: number; readonly read?: number }) => {
  await edge.close();
  edge = await EdgeFixture.open({ timeouts: { connect: 20_000, read: 20_000, ...timeouts } });
};
afterEach(async () => {
  await edge.close();
});

const withSettings = (changes: Record<string, unknown>) => {
  const zone = zoneOf();
  edge.zones = [{ ...zone, settings: { ...zone.settings, ...changes } }];
};

const ok = (text: string) => (_: unknown, response: { end(text: string): void }) => {
  response.end(text);
};

/** What the page has to say beside the number. */
const failing = async (status: number, code: number, ...words: readonly (string | RegExp)[]) => {
  const answer = await edge.ask("/api/x?token=secret");
  expect(answer.status).toBe(status);
  expect(answer.headers["cache-control"]).toBe("private, no-store");
  expect(answer.headers["content-type"]).toMatch(/^text\/html/);
  for (const word of [`Error ${code}: `, "sandbox's edge", ...words]) {
    expect(answer.body).toMatch(word);
  }
  expect(edge.log.at(-1)).toMatch(`edge: GET ${domain}/api/x: ${code} `);
  expect(edge.log.join()).not.toContain("secret");
};

describe("an origin that", () => {
  it("has no address: 530 and 1016", async () => {
    edge.zones = [zoneOf({ originName: "origin-large.example.com" })];
    await failing(530, 1016, "origin-large.example.com");
  });

  it("is a CNAME in a circle: 530 and 1016", async () => {
    const zone = zoneOf({ originName: "a.example.com" });
    const cname = (name: string, content: string) => ({
      ...{ name, content, type: "CNAME", proxied: false },
    });
    const circle = [cname("a", "b.example.com"), cname("b.example.com", "a.example.com.")];
    edge.zones = [{ ...zone, records: [...zone.records, ...circle] }];
    await failing(530, 1016);
  });

  it("has an address that no machine has: 523", async () => {
    edge.routes.set(place, "no-such-address");
    await failing(523, 523, place);
  });

  it("has nobody who listens: 521", async () => {
    edge.routes.set(place, "nobody-listens");
    await failing(521, 521, place);
    // On the machine itself, too: the port was free a moment ago.
    const server = createServer();
    await edge.serve(place, server);
    await new Promise((resolve) => server.close(resolve));
    await failing(521, 521, place);
  });

  it("is behind a firewall that drops: 522", async () => {
    edge.routes.set(place, "firewall");
    await failing(522, 522, /firewall/);
  });

  it("takes the connection and makes no handshake: 525", async () => {
    await impatient({ connect: 1_000 });
    await edge.serve(
      place,
      createServer((socket) => socket.on("error", () => undefined)),
    );
    await failing(525, 525, /does not answer/);
    await edge.serve(
      place,
      createServer((socket) => socket.end("HTTP/1.1 400 Bad\r\n\r\n")),
    );
    await failing(525, 525, place);
  });

  it("has a certificate of an authority that nobody trusts: 526, unless nobody checks", async () => {
    const other = await openAuthority(join(edge.directory, "other"), "Unknown authority");
    await edge.origin(smallAddress, ok("fine"), { authority: other });
    await failing(526, 526, /does not hold/);
    withSettings({ ssl: "full" });
    expect((await edge.ask("/api/x")).body).toBe("fine");
    withSettings({ ssl: "strict" });
    await failing(526, 526);
  });

  it("has a certificate for another name: 526", async () => {
    await edge.origin(smallAddress, ok("fine"), { names: ["www.example.com"] });
    await failing(526, 526, /ERR_TLS_CERT_ALTNAME_INVALID/);
  });

  it("has a certificate for the name that the record leads to: that will do", async () => {
    await edge.origin(smallAddress, ok("fine"), { names: ["origin-small.example.com"] });
    expect((await edge.ask("/api/x")).status).toBe(200);
  });

  it("never answers: 524", async () => {
    await impatient({ read: 500 });
    await edge.origin(smallAddress, () => undefined);
    await failing(524, 524, /within 0\.5 s/);
  });

  it("answers with something else than HTTP, or breaks off: 520", async () => {
    withSettings({ ssl: "flexible" });
    const plain = `${smallAddress}:80`;
    await edge.serve(
      plain,
      createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n")),
    );
    await failing(520, 520, plain);
    await edge.serve(
      plain,
      createServer((socket) => socket.once("data", () => socket.destroy())),
    );
    await failing(520, 520, plain);
  });

  it("breaks off in the middle: so does the edge", async () => {
    await edge.origin(smallAddress, (_, response) => {
      response.writeHead(200, { "content-length": 10 });
      response.write("half", () => response.destroy());
    });
    await expect(edge.ask("/api/x")).rejects.toThrow(/aborted|hang up/);
    await expect(edge.ask("/assets/x.js")).rejects.toThrow(/aborted|hang up/);
    expect(edge.running.stats().cache.entries).toBe(0);
  });

  it("pauses too long in the middle: the edge breaks off", async () => {
    await impatient({ read: 500 });
    await edge.origin(smallAddress, (_, response) => {
      response.write("half");
    });
    await expect(edge.ask("/api/x")).rejects.toThrow(/aborted|hang up/);
  });

  it("had closed a kept connection: it is asked again", async () => {
    let requests = 0;
    const server = await edge.origin(smallAddress, (request, response) => {
      requests++;
      // Without a word, as a server that is restarted does at the worst moment.
      if (requests === 2) request.socket.destroy();
      else response.end(String(requests));
    });
    server.keepAliveTimeout = 60_000;
    expect((await edge.ask("/api/x")).body).toBe("1");
    expect((await edge.ask("/api/x")).body).toBe("3");
  });

  it("breaks off what cannot be asked again: 520", async () => {
    let requests = 0;
    await edge.origin(smallAddress, (request, response) => {
      requests++;
      if (requests === 2) request.socket.destroy();
      else response.end(String(requests));
    });
    expect((await edge.ask("/api/x")).body).toBe("1");
    const answer = await edge.ask("/api/x", { method: "POST", body: "once" });
    expect(answer.status).toBe(520);
    expect(requests).toBe(2);
  });
});

describe("the zone's encryption", () => {
  beforeEach(async () => {
    await edge.origin(smallAddress, ok("TLS"));
    await edge.plainOrigin(smallAddress, ok("plain"));
  });

  it.each([
    ["strict", "TLS", "plain"],
    ["full", "TLS", "plain"],
    ["flexible", "plain", "plain"],
    ["origin_pull", "TLS", "TLS"],
    [undefined, "TLS", "plain"],
  ])("%s asks by %s for HTTPS and by %s for HTTP", async (ssl, overTls, overHttp) => {
    edge.zones = [{ ...zoneOf(), settings: { ssl }, rulesets: [] }];
    expect((await edge.ask("/x")).body).toBe(overTls);
    expect((await edge.ask("/x", { secure: false })).body).toBe(overHttp);
  });

  it("off sends visitors to plain HTTP", async () => {
    edge.zones = [{ ...zoneOf(), settings: { ssl: "off" }, rulesets: [] }];
    const answer = await edge.ask("/x?y=1");
    expect(answer.status).toBe(301);
    expect(answer.headers.location).toBe(`http://${domain}/x?y=1`);
    expect((await edge.ask("/x", { secure: false })).body).toBe("plain");
  });
});
