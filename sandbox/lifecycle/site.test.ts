import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { CloudAddress } from "../cloud/client";
import { siteOf, waitReady, type Site } from "./site";
import { samplePlaces, sampleStack, writeState } from "./testing/sampleSandbox";

const edge = { http: 8080, https: 8443 };
const server = { http: 3180, https: 3443 };
const cloud = (ports: typeof server | undefined) => ({
  address: { edge } as CloudAddress,
  sitePorts: async () => await Promise.resolve(ports),
});

async function siteWith(outputs: Record<string, unknown>, ports: typeof server | undefined) {
  const places = samplePlaces();
  writeState(places, "small", { resources: [sampleStack(outputs)] });
  return await siteOf(cloud(ports), places, "small");
}

describe("a stack's site", () => {
  const domain = { publicUrl: "https://drops.sandbox.localhost", tier: "small" };

  it.each([
    [{ ...domain, originName: "origin-small" }, "https://drops.sandbox.localhost:8443", true],
    [{ ...domain, tier: "edge" }, "https://drops.sandbox.localhost:8443", true],
    [{ ...domain, originName: "" }, "https://drops.sandbox.localhost:3443", true],
    [{ publicUrl: "http://198.18.0.1", originName: "" }, "http://127.0.0.1:3180", false],
    [
      { publicUrl: "https://a.ondigitalocean.app.localhost", originName: "", tier: "medium" },
      ...(["https://a.ondigitalocean.app.localhost:8443", true] as const),
    ],
  ])("of %j is %s", async (outputs, url, tls) => {
    expect(await siteWith(outputs, server)).toMatchObject({
      url,
      tls,
      port: Number(url.split(":")[2]),
    });
  });

  it.each([
    [{}, server],
    [{ publicUrl: "not yet" }, server],
    [{ publicUrl: "http://198.18.0.1", originName: "" }, undefined],
  ])("of %j on a server with the ports %j is not there yet", async (outputs, ports) => {
    expect(await siteWith(outputs, ports)).toBeUndefined();
  });

  it("of a stack that is not there is not there either", async () => {
    expect(await siteOf(cloud(server), samplePlaces(), "small")).toBeUndefined();
  });
});

describe("waiting for a site", () => {
  async function serve(answer: RequestListener): Promise<Site> {
    const http = createServer(answer);
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      http.close();
    });
    const { port } = http.address() as AddressInfo;
    return { url: `http://drops.test:${port}`, port, tls: false };
  }

  it("asks /readyz by the site's own name until it is ready", async () => {
    const asked: (string | undefined)[] = [];
    const site = await serve(({ url, headers }, response) => {
      asked.push(`${headers.host} ${url}`);
      response.writeHead(asked.length > 1 ? 200 : 503).end("ok");
    });
    const { ready, answer } = await waitReady(site, samplePlaces(), 30);
    expect([ready, answer]).toEqual([true, "200 ok"]);
    expect(asked).toEqual(Array(2).fill(`drops.test:${site.port} /readyz`));
  });

  it("tells the last answer where it never is", async () => {
    const site = await serve((_, response) => {
      response.writeHead(503).end("the database is gone");
    });
    const { ready, answer } = await waitReady(site, samplePlaces(), 0);
    expect([ready, answer]).toEqual([false, "503 the database is gone"]);
  });

  it("tells why nobody answers", async () => {
    const site = { url: "http://127.0.0.1:9", port: 9, tls: false };
    const { ready, answer } = await waitReady(site, samplePlaces(), 0);
    expect(ready).toBe(false);
    expect(answer).toContain("ECONNREFUSED");
  });
});
