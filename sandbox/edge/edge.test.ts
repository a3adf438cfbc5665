import { connect as tcp } from "node:net";
import { connect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ZoneView } from "./index";
import { domain, EdgeFixture, smallAddress, zoneOf } from "./testing/edgeFixture";

let edge: EdgeFixture;

beforeEach(async () => {
  edge = await EdgeFixture.open();
  await edge.origin(smallAddress, (_, response) => response.end());
});
afterEach(async () => {
  await edge.close();
});

const settings = (changes: Record<string, unknown>): ZoneView => {
  const zone = zoneOf();
  return { ...zone, settings: { ...zone.settings, ...changes } };
};

describe("TLS", () => {
  const handshake = (servername: string, options: object = {}) =>
    new Promise<string>((resolve, reject) => {
      const { host, port, ca } = edge.connection();
      const socket = connect({ host, port, ca, servername, ...options }, () => {
        const { subjectaltname = "" } = socket.getPeerCertificate();
        resolve(`${socket.getProtocol() ?? ""} ${subjectaltname}`);
        socket.destroy();
      });
      socket.once("error", reject);
    });

  it("shows a certificate for the zone and one level below", async () => {
    const names = "TLSv1.3 DNS:example.com, DNS:*.example.com";
    expect(await handshake(domain)).toBe(names);
    expect(await handshake("example.com")).toBe(names);
    await expect(handshake("a.b.example.com")).rejects.toThrow(/handshake failure/);
    await expect(handshake("elsewhere.test")).rejects.toThrow(/handshake failure/);
  });

  it("covers proxied names alone where the zone's name is not known", async () => {
    edge.zones = [{ ...zoneOf(), name: undefined }];
    expect(await handshake(domain)).toBe(`TLSv1.3 DNS:${domain}`);
    await expect(handshake("other.example.com")).rejects.toThrow(/handshake failure/);
  });

  it("has the versions that the zone allows, from the next connection on", async () => {
    expect(await handshake(domain, { maxVersion: "TLSv1.2" })).toMatch(/^TLSv1.2 /);
    edge.zones = [settings({ tls_1_3: "off" })];
    expect(await handshake(domain)).toMatch(/^TLSv1.2 /);
    edge.zones = [settings({ min_tls_version: "1.3" })];
    await expect(handshake(domain, { maxVersion: "TLSv1.2" })).rejects.toThrow();
    expect(await handshake(domain)).toMatch(/^TLSv1.3 /);
  });
});

describe("the edge", () => {
  it("counts what it does and lets nothing wait when it stops", async () => {
    edge.routes.clear();
    await edge.origin(smallAddress, () => undefined);
    await edge.ask("/nowhere", { host: "elsewhere.test", secure: false });
    const idle = tcp(edge.running.ports.http, "127.0.0.1");
    await new Promise((resolve) => idle.once("connect", resolve));
    const waiting = edge.ask("/api/slow").catch((error: unknown) => error);
    await expect.poll(() => edge.running.stats().requests).toBe(2);
    const started = Date.now();
    await edge.running.stop();
    expect(Date.now() - started).toBeLessThan(5_000);
    expect(await waiting).toBeInstanceOf(Error);
    idle.destroy();
  });

  it("says so where a port is taken", async () => {
    const { http: port } = edge.running.ports;
    await expect(EdgeFixture.open({ ports: { http: port, https: 0 } })).rejects.toThrow(
      `the edge's port ${port} is in use`,
    );
  });

  it("leaves out a rule that it cannot read, and says so once", async () => {
    const zone = zoneOf();
    const rules = [{ ref: "odd", action: "redirect", expression: "http.hots eq 1" }];
    edge.zones = [{ ...zone, rulesets: [{ phase: "http_request_dynamic_redirect", rules }] }];
    expect((await edge.ask("/")).status).toBe(200);
    await edge.ask("/");
    expect(edge.log.filter((line) => line.includes("unknown identifier"))).toHaveLength(1);
  });
});
