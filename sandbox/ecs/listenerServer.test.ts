import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask, type Answer } from "../apps/testing/ask";
import { eventually } from "../apps/testing/sampleApps";
import type { Values } from "../cloud/kind";
import { freePort } from "../services/ports";
import { ListenerServer } from "./listenerServer";
import { SampleEcs } from "./testing/sampleEcs";

let sample: SampleEcs;
beforeEach(async () => {
  sample = await SampleEcs.open();
  await sample.base();
});
afterEach(async () => {
  await sample.close();
});

const refused = {
  type: "fixed-response",
  fixedResponse: {
    statusCode: "403",
    contentType: "text/plain",
    messageBody: "No such host here.",
  },
};

/** A listener with TLS for these hosts alone, beside the one on port 80. */
async function withTls(): Promise<void> {
  const certificateArn = "arn:aws:acm:eu-central-1:123456789012:certificate/1";
  const put = (type: string, inputs: Values, outputs: Values): void => {
    sample.cloud.world.put({
      ...{ id: certificateArn, urn: "", ready: true, hidden: {} },
      ...{ type, inputs, outputs },
    });
  };
  put(
    "aws:acm/certificate:Certificate",
    { domainName: "drops.example", subjectAlternativeNames: ["origin.drops.example"] },
    { arn: certificateArn },
  );
  put("aws:acm/certificateValidation:CertificateValidation", { certificateArn }, {});
  const listener = await sample.make("Listener", "https", {
    ...{ loadBalancerArn: sample.made["balancer"]?.id, port: 443, protocol: "HTTPS" },
    certificateArn,
    ...{ sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06", defaultActions: [refused] },
  });
  await sample.make("ListenerRule", "hosts", {
    ...{ listenerArn: listener.id, priority: 10 },
    conditions: [{ hostHeader: { values: ["*.example"] } }],
    actions: [{ type: "forward", targetGroupArn: sample.made["web"]?.id }],
  });
}

async function withService(): Promise<void> {
  const definition = await sample.version("1");
  await sample.make("Service", "service", sample.service(definition));
}

describe("a balancer", () => {
  it("has no target before a service has any, and says so as AWS does", async () => {
    const { status, headers, body } = await sample.visit();
    expect([status, headers["server"]]).toEqual([503, "awselb/2.0"]);
    expect(body).toContain("503 Service Temporarily Unavailable");
  });

  it("is found by its ARN, its DNS name and its port", async () => {
    await withTls();
    const { id, outputs } = sample.made["balancer"]!;
    const targets = [undefined, 443, 80, 8080].map((port) => [
      sample.containers.balancerTarget(id, port)?.tls,
      sample.containers.balancerTarget(String(outputs["dnsName"]).toUpperCase(), port)?.tls,
    ]);
    expect(targets).toEqual([
      [true, true],
      [true, true],
      [false, false],
      [undefined, undefined],
    ]);
    expect(String(outputs["dnsName"])).toMatch(
      /^internal-balancer-[0-9a-f]{7}-\d+\.eu-central-1\.elb\.amazonaws\.com$/,
    );
  });

  it("ends TLS with the certificate's names, and answers other hosts itself", async () => {
    await withTls();
    await withService();
    const { port } = sample.containers.balancerTarget(sample.made["balancer"]!.id)!;
    const names = await new Promise<string | undefined>((resolve, reject) => {
      const ca = sample.authority.certificate;
      const socket = tlsConnect(
        { port, host: "127.0.0.1", servername: "drops.example", ca },
        () => {
          resolve(socket.getPeerCertificate().subjectaltname);
          socket.destroy();
        },
      );
      socket.once("error", reject);
    });
    expect(names).toMatch(/^DNS:drops\.example, DNS:origin\.drops\.example, /);
    const stranger = await sample.visit("/", { headers: { host: "elsewhere.test" } });
    expect([stranger.status, stranger.body]).toEqual([403, "No such host here."]);
    const headers = { host: "drops.example", "x-forwarded-proto": "http" };
    const { status, seen } = await sample.visit("/a?b=1", { headers });
    expect(status).toBe(200);
    expect(seen).toMatchObject({ url: "/a?b=1" });
    expect(seen.headers).toMatchObject({
      ...{ "x-forwarded-proto": "https", "x-forwarded-port": "443", host: "drops.example" },
      "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as string,
    });
  });

  it("spreads requests over the tasks, and passes websockets on", async () => {
    await withService();
    const pids = new Set<number>();
    for (let count = 0; count < 6; count += 1) pids.add((await sample.visit()).seen.pid);
    expect([...pids].sort()).toEqual([...sample.pids()].sort());
    expect(await greeting()).toContain("hello");
  });

  it("counts a request that a target refused for the target that takes it", async () => {
    const seen: string[] = [];
    const waiting: ServerResponse[] = [];
    const target = async (name: string) => {
      const server = createServer((_, response) => {
        seen.push(name);
        waiting.push(response);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return { server, port: (server.address() as AddressInfo).port };
    };
    const all = [await target("a"), await target("gone"), await target("b")];
    await new Promise((resolve) => all[1]!.server.close(resolve));
    const port = await freePort();
    const listener = await ListenerServer.start(
      sample.made["http"]!.id,
      { balancerArn: sample.made["balancer"]!.id, port: 80 },
      port,
      {
        ...{ world: sample.cloud.world, authority: sample.authority },
        targets: () => all.map((one) => ({ port: one.port, state: "healthy" })),
      },
    );
    const visits: Promise<Answer>[] = [];
    for (const count of [1, 2]) {
      visits.push(ask({ host: "127.0.0.1", port }));
      await eventually(
        () => seen.length,
        (length) => length === count,
      );
    }
    expect(seen).toEqual(["a", "b"]);
    for (const response of waiting) response.end();
    await Promise.all(visits);
    await listener.close();
    for (const { server } of all) server.close();
  });

  it("takes a change of its rules at once, and leads nowhere when it is gone", async () => {
    await withService();
    await sample.cloud.update(sample.made["http"]!, { defaultActions: [refused] });
    await expect(sample.visit()).resolves.toMatchObject({ status: 403 });
    const redirect = { statusCode: "HTTP_301", protocol: "HTTPS", port: "443" };
    await sample.cloud.update(sample.made["http"]!, {
      defaultActions: [{ type: "redirect", redirect }],
    });
    const { status, headers } = await sample.visit("/x?y=1", {
      headers: { host: "drops.example" },
    });
    expect([status, headers["location"]]).toEqual([301, "https://drops.example/x?y=1"]);
    expect(await greeting("\r\n\r\n")).toMatch(/^HTTP\/1\.1 301 \r\nLocation: https:\/\/x\/ws\r\n/);
    await sample.cloud.delete(sample.made["http"]!);
    expect(sample.containers.balancerTarget(sample.made["balancer"]!.id)).toBeUndefined();
  });
});

/** What a websocket's peer says first, to the `end`. */
async function greeting(end = "hello"): Promise<string> {
  const { connect } = await import("node:net");
  const { port } = sample.containers.balancerTarget(sample.made["balancer"]!.id)!;
  return await new Promise((resolve, reject) => {
    let text = "";
    const socket = connect({ port, host: "127.0.0.1" }, () => {
      socket.write(
        "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
      );
    });
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (!text.includes(end)) return;
      socket.destroy();
      resolve(text);
    });
    socket.once("error", reject);
  });
}
