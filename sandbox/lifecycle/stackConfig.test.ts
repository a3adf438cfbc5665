import { createPublicKey } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkout, sandboxZone } from "../places";
import { readStackFile } from "../../report/stackFile";
import { requireGoodConfig } from "./checkedConfig";
import { newSshKeys, sandboxConfig } from "./stackConfig";

const keys = newSshKeys();
const group = (text: string | undefined): Record<string, unknown> =>
  JSON.parse(text ?? "{}") as Record<string, unknown>;

describe("a tier's configuration in the sandbox", () => {
  const { values, secrets } = sandboxConfig("small", "small", [], keys);

  it("is the committed one but for what points outside", () => {
    const committed = readStackFile("small", checkout).values;
    const changed = Object.keys(committed).filter((key) => committed[key] !== values[key]);
    expect(changed.sort()).toEqual([
      ...["drops:alerts", "drops:cloudflare", "drops:domain", "drops:ssh"],
    ]);
    expect(values["drops:domain"]).toBe(sandboxZone.domain);
    expect(group(values["drops:cloudflare"])).toEqual({
      ...{ zoneId: sandboxZone.id, zone: sandboxZone.name },
    });
    expect(group(values["drops:alerts"])["emails"]).toEqual(["ops@sandbox.localhost"]);
  });

  it("has secrets of its own, and only as secrets", () => {
    expect(secrets["drops:ssh.privateKey"]).toBe(keys.privateKey);
    expect(secrets["drops:cloudflare.acmeToken"]).toMatch(/^sandbox0+$/);
    const plain = JSON.stringify(values);
    for (const secret of Object.values(secrets)) expect(plain).not.toContain(secret);
  });

  it("takes settings on top, whole or below a key", () => {
    const set = ["region=nyc3", "drops:vps.size=s-4vcpu-8gb", "app.processes=3"];
    const changed = sandboxConfig("small", "small", set, keys).values;
    expect(changed["drops:region"]).toBe("nyc3");
    expect(group(changed["drops:vps"])["size"]).toBe("s-4vcpu-8gb");
    expect(group(changed["drops:app"])["processes"]).toBe(3);
  });

  it("keeps a secret that was given by hand out of the plain settings", () => {
    const set = ["alerts.smtp.password=hunter2", "alerts.smtp.host=smtp.example.org"];
    const given = sandboxConfig("small", "small", set, keys);
    expect(given.secrets["drops:alerts.smtp.password"]).toBe("hunter2");
    expect(JSON.stringify(given.values)).not.toContain("hunter2");
  });

  it("has neither zone nor token where the domain is taken away", () => {
    const without = sandboxConfig("small", "small", ["domain="], keys);
    expect(without.secrets).not.toHaveProperty("drops:cloudflare.acmeToken");
    expect(Object.keys(without.values)).not.toContain("drops:domain");
    expect(Object.keys(without.values)).not.toContain("drops:cloudflare");
    expect(requireGoodConfig("small", "small", ["domain="])).toBeDefined();
  });

  it("is the tier's for a stack that has no file of its own", () => {
    const blue = sandboxConfig("blue", "small", [], keys);
    expect(blue).toEqual({ values, secrets });
  });

  it("is refused where it would be another tier's", () => {
    expect(() => sandboxConfig("medium", "small", [], keys)).toThrow(
      'stack medium is to come up as tier small, but its settings say "drops:tier: medium"',
    );
    expect(() => sandboxConfig("small", "small", ["tier=large"], keys)).toThrow(
      "drops:tier: large",
    );
  });
});

describe("medium's configuration in the sandbox", () => {
  const config = (...set: string[]) => sandboxConfig("medium", "medium", set, keys);

  it("is the committed one on the sandbox's zone, with the checkout's own app as its image", () => {
    const { values, secrets } = config();
    expect(values["drops:image"]).toMatch(
      /^registry\.digitalocean\.com\/sandbox\/drops@sha256:[0-9a-f]{64}$/,
    );
    expect(config().values["drops:image"]).toBe(values["drops:image"]);
    expect(group(values["drops:cloudflare"])).toEqual({
      ...{ zoneId: sandboxZone.id, zone: sandboxZone.name, plan: "pro" },
    });
    expect(Object.keys(secrets).sort()).toEqual(["drops:alerts.slack.url", "drops:ssh.privateKey"]);
    expect(requireGoodConfig("medium", "medium", [])).toBeDefined();
  });

  it("takes another image, and keeps its login apart", () => {
    const image = `ghcr.io/octocat/drops@sha256:${"a".repeat(64)}`;
    const { values, secrets } = config(`image=${image}`, "registryCredentials=octocat:t0ken");
    expect(values["drops:image"]).toBe(image);
    expect(secrets["drops:registryCredentials"]).toBe("octocat:t0ken");
    expect(JSON.stringify(values)).not.toContain("t0ken");
  });

  it.each([["domain="], ["edge=direct"]])("has no zone with --set %s", (set) => {
    expect(config(set).values).not.toHaveProperty("drops:cloudflare");
    expect(requireGoodConfig("medium", "medium", [set])).toBeDefined();
  });

  it("keeps a zone that was given by hand, which the program then refuses", () => {
    const set = ["edge=direct", "cloudflare.zone=example.org"];
    expect(config(...set).values).toHaveProperty("drops:cloudflare");
    expect(() => requireGoodConfig("medium", "medium", set)).toThrow("drops:cloudflare");
  });
});

describe("the edge's configuration in the sandbox", () => {
  it("is the committed one, on the sandbox's zone and without secrets", () => {
    const { values, secrets } = sandboxConfig("edge", "edge", ["live=blue"], keys);
    expect(secrets).toEqual({});
    expect(values["drops:live"]).toBe("blue");
    expect(group(values["drops:cloudflare"])).toMatchObject({
      zoneId: sandboxZone.id,
      plan: "free",
    });
  });
});

describe("a key pair for the sandbox's servers", () => {
  it("is one pair, the public part as a line of authorized_keys", () => {
    const [kind, base64 = ""] = keys.publicKey.split(" ");
    const wire = Buffer.from(base64, "base64");
    expect([kind, wire.length]).toEqual(["ssh-ed25519", 4 + 11 + 4 + 32]);
    expect(wire.toString("latin1", 4, 15)).toBe("ssh-ed25519");
    const spki = createPublicKey(keys.privateKey).export({ format: "der", type: "spki" });
    expect(wire.subarray(-32)).toEqual(spki.subarray(-32));
    expect(newSshKeys().publicKey).not.toBe(keys.publicKey);
  });
});

describe("the check before anything is started", () => {
  it.each([
    ["small", []],
    ["edge", []],
    ["small", ["alerts.slack.url=https://hooks.slack.com/services/a", "vps.rebuild=2"]],
  ])("lets %s through with %j", (tier, set) => {
    expect(requireGoodConfig(tier, tier, set)).toHaveProperty("drops:tier", tier);
  });

  it.each([
    ["small", ["nonsense"], "--set takes key=value"],
    ["small", ["=1"], "--set takes key=value"],
    ["small", ["ssh={x"], "--set drops:ssh: it begins like JSON and is none"],
    ["small", ["vps=[1"], "--set drops:vps: it begins like JSON and is none"],
    ["small", ["region=mars"], 'drops:region: got "mars"\n    allowed: ams3'],
    ["small", ["regoin=nyc3"], "drops:regoin"],
    ["small", ["vps.size=huge", "app.processes=0"], "2 problems in the configuration"],
    ["edge", ["rateLimit.requestsPerPeriod=many"], "drops:rateLimit.requestsPerPeriod"],
  ])("refuses %s with %j", (tier, set, message) => {
    expect(() => requireGoodConfig(tier, tier, set)).toThrow(message);
  });

  it("refuses a name that no stack may have", () => {
    expect(() => requireGoodConfig("../x", "small", [])).toThrow("up to 30 lower-case letters");
  });

  it("never shows a secret that was given by hand", () => {
    const refused = (): string => {
      try {
        requireGoodConfig("small", "small", ["alerts.webhook.url=hunter2", "region=mars"]);
        return "";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(refused()).toContain('got "mars"');
    expect(refused()).not.toContain("hunter2");
  });
});
