import { describe, expect, it } from "vitest";
import { containerEnvironment, onThisMachine } from "./environment";
import { ImageRegistry, referenceOf } from "./images";
import { maskerOf } from "./masking";
import { decide, isHostOf } from "./routing";
import { nodeArguments } from "./runCommand";
import type { AppIngressRule, AppSpec } from "./spec";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const image = { registryType: "DOCR", repository: "drops", digest: `sha256:${"0".repeat(64)}` };
const spec: AppSpec = {
  name: "drops",
  services: [
    { name: "web", image },
    { name: "api", image },
  ],
};

describe("an app's routes", () => {
  const at = (target: string, rules: readonly AppIngressRule[] = [], host = "x.localhost") =>
    decide({ ...spec, ingress: { rules } }, host, target);
  const to = (component: string, path: string) => ({ kind: "pass", component, path });

  it("lead to the first service where nothing is said", () => {
    expect(at("/a/b?c=d?e")).toEqual(to("web", "/a/b?c=d?e"));
  });

  it("go by the longest prefix, whole parts of a path", () => {
    const rules = [
      { match: { path: { prefix: "/" } }, component: { name: "web" } },
      { match: { path: { prefix: "/api" } }, component: { name: "api" } },
    ];
    expect(at("/api", rules)).toEqual(to("api", "/"));
    expect(at("/api/cards?x=1", rules)).toEqual(to("api", "/cards?x=1"));
    expect(at("/apiary", rules)).toEqual(to("web", "/apiary"));
  });

  it("keep or rewrite the prefix where they are told to", () => {
    const rule = (component: AppIngressRule["component"]) => [
      { match: { path: { prefix: "/api/" } }, component: { name: "api", ...component } },
    ];
    expect(at("/api/cards", rule({ preservePathPrefix: true }))).toEqual(to("api", "/api/cards"));
    expect(at("/api/cards", rule({ rewrite: "/v1/" }))).toEqual(to("api", "/v1/cards"));
    expect(at("/else", rule({}))).toEqual({ kind: "none" });
  });

  it("may be of one host, and may lead away", () => {
    const rules: AppIngressRule[] = [
      {
        match: { authority: { exact: "old.localhost" } },
        redirect: { authority: "new.localhost" },
      },
      { component: { name: "web" } },
    ];
    expect(at("/a?b", rules, "old.localhost")).toEqual({
      ...{ kind: "redirect", status: 302, location: "https://new.localhost/a?b" },
    });
    expect(at("/a?b", rules)).toEqual(to("web", "/a?b"));
  });

  it("are those of the services where there is no ingress", () => {
    const services = [{ name: "api", image, routes: [{ path: "/api", preservePathPrefix: true }] }];
    expect(decide({ ...spec, services }, "x", "/api/a")).toEqual(to("api", "/api/a"));
    expect(decide({ ...spec, services }, "x", "/a")).toEqual({ kind: "none" });
  });

  it("belong to the platform's name and the app's domains", () => {
    const domains: AppSpec = {
      ...spec,
      domainNames: [{ name: "a.org" }, { name: "b.org", wildcard: true }],
      domains: ["c.org"],
    };
    const has = (host: string): boolean => isHostOf(domains, "given.localhost", host);
    const hosts = ["given.localhost", "a.org", "x.a.org", "b.org", "x.b.org", "c.org", "xb.org"];
    expect(hosts.filter(has)).toEqual(["given.localhost", "a.org", "b.org", "x.b.org", "c.org"]);
  });
});

describe("a container's environment", () => {
  it("is the image's, the app's and the component's, the last one first", () => {
    const local = { directory: "/", environment: { A: "image", NODE_ENV: "production" } };
    const app = { ...spec, envs: [{ key: "A", value: "app" }, { key: "B" }] };
    const component = { envs: [{ key: "A", value: "own ${APP_ID}", scope: "RUN_TIME" }] };
    expect(containerEnvironment(local, app, component, { APP_ID: "7" })).toEqual({
      ...{ A: "own 7", B: "", NODE_ENV: "production" },
    });
  });

  const places = {
    authorityFile: "/ca.pem",
    route: (address: string, port: number) => {
      if (address !== "10.120.0.3") return "no-such-address" as const;
      if (port === 4318) return { host: "127.0.0.1" as const, port: 20_001 };
      return port === 80 ? ("nobody-listens" as const) : ("firewall" as const);
    },
  };
  const here = (value: string) => onThisMachine({ X: value }, places);

  it.each([
    ["http://10.120.0.3:4318/v1/metrics", "http://127.0.0.1:20001/v1/metrics"],
    ["10.120.0.3:4318", "127.0.0.1:20001"],
    ["http://10.120.0.3/x", "http://127.0.0.1:1/x"],
    ["https://10.120.0.3", "https://127.0.0.1:1"],
    ["a=http://10.120.0.3:4318,b=10.120.0.3:9", "a=http://127.0.0.1:20001,b=127.0.0.1:1"],
    // No place to connect to, or nobody's.
    ["10.120.0.3", "10.120.0.3"],
    ["10.120.0.0/20", "10.120.0.0/20"],
    ["http://10.120.0.30:4318", "http://10.120.0.30:4318"],
    ["110.120.0.3:4318", "110.120.0.3:4318"],
  ])("has %s as %s", (wired, local) => {
    expect(here(wired).environment["X"]).toBe(local);
  });

  it("says what is not as it was wired", () => {
    expect(here("http://10.120.0.3:4318 http://10.120.0.3").translated).toEqual([
      "X: 10.120.0.3:4318 is 127.0.0.1:20001",
      "X: 10.120.0.3:80 is not reached (nobody listens)",
    ]);
    const { environment, translated } = onThisMachine(
      { PORT: "3000", HOST: "0.0.0.0" },
      { ...places, port: { container: 3000, local: 21_034 } },
    );
    expect(environment).toMatchObject({ PORT: "21034", HOST: "127.0.0.1" });
    expect(translated).toEqual(["PORT 3000 is 21034, on 127.0.0.1 alone"]);
  });
});

describe("what is secret in a spec", () => {
  it("is not shown: values, passwords of URLs in each way, values of header lists", () => {
    const secret = (key: string, value: string) => ({ key, value, type: "SECRET" });
    const masked = maskerOf({
      ...spec,
      envs: [secret("TOKEN", "abcdef"), { key: "PLAIN", value: "visible" }],
      jobs: [
        {
          ...{ name: "job", image },
          envs: [
            secret("URL", "postgresql://app:p%2Fw%20d@db/x"),
            secret("HEADERS", "X-Token=t%2Fk123,X-Other=other9"),
            secret("SHORT", "a"),
          ],
        },
      ],
    });
    expect(
      masked(
        "abcdef visible postgresql://app:p%2Fw%20d@db/x p%2Fw%20d p/w d t%2Fk123 t/k123 other9 a",
      ),
    ).toBe("[secret] visible [secret] [secret] [secret] [secret] [secret] [secret] a");
  });
});

describe("a run command", () => {
  it.each([
    ["node dist/worker.js", ["dist/worker.js"]],
    ["  node  --enable-source-maps 'a b.js' \"c d\" ", ["--enable-source-maps", "a b.js", "c d"]],
    ["node", undefined],
    ["bin/start", undefined],
    ["node a.js && node b.js", undefined],
    ["node $FILE", undefined],
    ["node 'a.js", undefined],
  ])("%s", (command, args) => {
    expect(nodeArguments(command)).toEqual(args);
  });
});

describe("the registries", () => {
  it("know images by registry and digest", () => {
    const directory = mkdtempSync(join(tmpdir(), "drops-images-"));
    mkdirSync(join(directory, "app/dist"), { recursive: true });
    const registry = new ImageRegistry(join(directory, "images.json"));
    const local = { directory: join(directory, "app"), environment: {} };
    const digest = `sha256:${"ab".repeat(32)}`;
    registry.register(`registry.digitalocean.com/sandbox/drops@${digest}`, local);
    registry.register(`ghcr.io/octocat/drops@${digest}`, local);
    expect(registry.find({ registryType: "DOCR", repository: "drops", digest })).toEqual(local);
    const ghcr = { registryType: "GHCR", registry: "octocat", repository: "drops" };
    expect(registry.find({ ...ghcr, digest })).toEqual(local);
    expect(registry.find({ ...ghcr, registry: "other", digest })).toBeUndefined();
    expect(registry.find(ghcr)).toBeUndefined();
    expect(referenceOf(ghcr)).toBe("ghcr.io/octocat/drops:latest");
    // Somebody deleted the directory.
    rmSync(join(directory, "app"), { recursive: true });
    expect(registry.find({ ...ghcr, digest })).toBeUndefined();
    expect(() => {
      registry.register("ghcr.io/octocat/drops:1", local);
    }).toThrow("is no image by digest");
    expect(() => {
      registry.register(`ghcr.io/octocat/drops@${digest}`, local);
    }).toThrow("is no image: it has no directory");
    rmSync(directory, { recursive: true });
  });
});
