import { describe, expect, it } from "vitest";
import { compose } from "../report/compose";
import { readStackFile } from "../report/stackFile";
import { problemsWith } from "../tests/composing";
import { edgeSchema, smallSchema } from "./schema";
import { settableLeaves } from "./testLeaves";
import { checkedStack } from "./testStacks";

/** Settings that are wrong in one way, the keys that must be named, and words of the answer. */
const refused: readonly [string, readonly string[], readonly string[], RegExp][] = [
  ["an unknown tier", ["tier=huge"], ["drops:tier"], /small, medium, large, edge/],
  ["an unknown region", ["region=mars1"], ["drops:region"], /fra1/],
  ["a region without managed databases", ["region=ric1"], ["drops:region"], /no managed databases/],
  ["an unknown droplet size", ["vps.size=s-9vcpu-1tb"], ["drops:vps.size"], /s-2vcpu-4gb/],
  ["a droplet with too little memory", ["vps.size=s-2vcpu-2gb"], ["drops:vps.size"], /4-8 GiB/],
  ["a droplet with too small a disk", ["vps.size=c-2"], ["drops:vps.size"], /at least 50 GiB disk/],
  [
    "a droplet beyond the tier",
    ["vps.size=s-8vcpu-16gb", "app.processes=2"],
    ["drops:vps.size"],
    /2-4 vCPU/,
  ],
  [
    "more memory than the server has",
    ["app.maxMemoryMib=2048"],
    ["drops:app.maxMemoryMib"],
    /at most the 4096 MiB/,
  ],
  ["a wrong type", ["app.processes=two"], ["drops:app.processes"], /whole number from 1 to 16/],
  ["a number out of range", ["app.processes=99"], ["drops:app.processes"], /1 to 16/],
  ["text for a group", ["vps=large"], ["drops:vps"], /a group of size, backups, rebuild/],
  ["text for a list", ["ssh.cidrs=10.0.0.0/8"], ["drops:ssh.cidrs"], /'drops:ssh\.cidrs\[0\]'/],
  ["an empty list", ["ssh.cidrs=[]"], ["drops:ssh.cidrs"], /'drops:ssh\.cidrs\[0\]'/],
  ["a bad e-mail address", ["alerts.emails[0]=ops"], ["drops:alerts.emails[0]"], /e-mail/],
  ["a bad SSH range", ["ssh.cidrs[0]=1.2.3.4/33"], ["drops:ssh.cidrs[0]"], /IPv4 range/],
  ["an IPv6 range", ["ssh.cidrs[0]=2001:db8::/32"], ["drops:ssh.cidrs[0]"], /IPv4 range/],
  [
    "a key that only looks like one",
    ["ssh.publicKey=ssh-ed25519 AAAAnotakey"],
    ["drops:ssh.publicKey"],
    /\.pub file/,
  ],
  [
    "a property of every object as a tier",
    ["tier=constructor"],
    ["drops:tier"],
    /small, medium, large, edge/,
  ],
  [
    "an address that breaks files",
    ["alerts.emails[0]=o'neil@x.io"],
    ["drops:alerts.emails[0]"],
    /e-mail/,
  ],
  ["its own origin as domain", ["domain=origin-small.example.com"], ["drops:domain"], /own origin/],
  [
    "a number for what a probe decides",
    ["thresholds.uptime.critical=50"],
    ["drops:thresholds.uptime.critical"],
    /does not exist/,
  ],
  [
    "half a day",
    ["thresholds.certificate-expiry.warning=21.5"],
    ["drops:thresholds.certificate-expiry.warning"],
    /whole number of days/,
  ],
  ["a bad public key", ["ssh.publicKey=me"], ["drops:ssh.publicKey"], /\.pub file/],
  ["a bad domain", ["domain=Drops_App"], ["drops:domain"], /host name in lower case/],
  ["a domain of another zone", ["domain=drops.example.net"], ["drops:domain"], /not in the zone/],
  [
    "a bad zone id",
    ["cloudflare.zoneId=abc"],
    ["drops:cloudflare.zoneId"],
    /32 hexadecimal digits/,
  ],
  ["a plan that is not known", ["cloudflare.plan=gold"], ["drops:cloudflare.plan"], /free/],
  [
    "a bad Slack address",
    ["alerts.slack.url=https://example.com"],
    ["drops:alerts.slack.url"],
    /hooks\.slack\.com/,
  ],
  [
    "a blocked mail port",
    [
      "alerts.smtp.host=smtp.example.com",
      "alerts.smtp.port=587",
      "alerts.smtp.username=u",
      "alerts.smtp.from=ops@example.com",
      "alerts.smtp.password=p",
    ],
    ["drops:alerts.smtp.port"],
    /blocks those/,
  ],
  [
    "a bad database URL",
    ["postgres.provider=external", "postgres.connectionLimit=60", "postgres.url=mysql://a/b"],
    ["drops:postgres.url"],
    /postgresql:/,
  ],
  [
    "a missing secret",
    ["postgres.provider=external", "postgres.connectionLimit=60"],
    ["drops:postgres.url"],
    /--secret/,
  ],
  [
    "an external database of unknown limit",
    ["postgres.provider=external", "postgres.url=postgresql://u:p@db.example.com/drops"],
    ["drops:postgres.connectionLimit"],
    /max_connections/,
  ],
  [
    "a URL that nothing uses",
    ["postgres.url=postgresql://u:p@db.example.com/drops"],
    ["drops:postgres.url"],
    /the managed database has its own/,
  ],
  ["a missing Redis URL", ["redis.provider=external"], ["drops:redis.url"], /rediss?:/],
  ["a Redis URL that nothing uses", ["redis.url=redis://c:1"], ["drops:redis.url"], /unless/],
  ["a read replica", ["postgres.readReplicas=1"], ["drops:postgres.readReplicas"], /2026-11-30/],
  [
    "a database size that is sold no more",
    ["postgres.size=db-s-4vcpu-8gb"],
    ["drops:postgres.size"],
    /2026-11-30/,
  ],
  [
    "more connections than the database has",
    ["app.poolPerProcess=4"],
    ["drops:app.poolPerProcess"],
    /= 18 connections.*at most 17, 80 %/,
  ],
  ["a public range as private", ["vpcCidr=8.8.0.0/20"], ["drops:vpcCidr"], /private range/],
  ["a private range too small", ["vpcCidr=10.110.0.0/28"], ["drops:vpcCidr"], /\/16 to \/24/],
  ["a range with host bits", ["vpcCidr=10.110.0.5/20"], ["drops:vpcCidr"], /private range/],
  ["a range the provider keeps", ["vpcCidr=10.244.0.0/20"], ["drops:vpcCidr"], /10\.244\.0\.0/],
  [
    "a warning above critical",
    ["thresholds.memory.warning=95"],
    ["drops:thresholds.memory.warning"],
    /at or below the critical value 90/,
  ],
  [
    "a warning below critical where less is worse",
    ["thresholds.certificate-expiry.warning=3"],
    ["drops:thresholds.certificate-expiry.warning"],
    /at or above the critical value 7/,
  ],
  [
    "more than all",
    ["thresholds.disk.critical=120"],
    ["drops:thresholds.disk.critical"],
    /0 to 100 %/,
  ],
  [
    "a latency that the probe cannot tell",
    ["thresholds.response-time.critical=9000"],
    ["drops:thresholds.response-time.critical"],
    /up to 5000/,
  ],
  [
    "a value that comes back as another",
    ["thresholds.memory.warning=70.1"],
    ["drops:thresholds.memory.warning"],
    /a whole number: DigitalOcean.*'drops:thresholds\.memory\.warning' 70/,
  ],
  [
    "an unknown rule",
    ["thresholds.memry.warning=50"],
    ["drops:thresholds.memry"],
    /rename it to drops:thresholds\.memory/,
  ],
  ["a mistyped key", ["regoin=fra1"], ["drops:regoin"], /rename it to drops:region/],
];

describe("a configuration is refused before any resource", () => {
  it.each(refused)("for %s", async (_, settings, keys, words) => {
    const problems = await problemsWith(settings);
    expect(problems.map(({ key }) => key)).toEqual(keys);
    const [problem] = problems;
    expect(`${problem?.got} ${problem?.allowed} ${problem?.fix}`).toMatch(words);
  });

  it.each([
    ["ssh", ["drops:ssh.publicKey", "drops:ssh.cidrs"]],
    ["alerts", ["drops:alerts.emails", "drops:alerts"]],
    ["domain", ["drops:domain"]],
  ])("for %s missing", async (group, keys) => {
    const problems = await problemsWith([], [`drops:${group}`]);
    expect(problems.map(({ key }) => key).sort()).toEqual([...keys].sort());
  });

  it("with all problems at once, those of the schema and those between components", async () => {
    const problems = await problemsWith([
      "region=mars",
      "ssh.cidrs[0]=nowhere",
      "app.processes=two",
      "app.poolPerProcess=9",
      "thresholds.memory.warning=95",
      "vpcCidr=10.244.0.0/20",
    ]);
    expect(problems.map(({ key }) => key).sort()).toEqual([
      "drops:app.poolPerProcess",
      "drops:app.processes",
      "drops:region",
      "drops:ssh.cidrs[0]",
      "drops:thresholds.memory.warning",
      "drops:vpcCidr",
    ]);
  });

  it("without showing a secret", async () => {
    const url = "mysql://root:hunter2@db.example.com/x";
    const problems = await problemsWith([`postgres.url=${url}`]);
    expect(problems).not.toHaveLength(0);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});

describe("a stack's name", () => {
  it.each(["My_Stack", "a.b", "1st", `a${"b".repeat(31)}`])("may not be %s", async (stack) => {
    const config = readStackFile("small");
    await expect(compose(stack, config)).rejects.toThrow("the stack's name");
  });
});

describe("the fix of a key", () => {
  it.each([
    ...settableLeaves(smallSchema).map((leaf) => ["small", ...leaf] as const),
    ...settableLeaves(edgeSchema).map((leaf) => ["edge", ...leaf] as const),
  ])("of %s mends %s with %s", async (stack, key, example) => {
    const problems = await problemsWith([`${key}=${example}`], [], stack);
    // Other keys may now ask for more; the one that was set is not refused for its form.
    const types = problems.filter((problem) => problem.key === key).map(({ got }) => got);
    expect(types.filter((got) => got === JSON.stringify(example))).toEqual([]);
  });
});

describe("the edge's configuration", () => {
  it.each([
    [
      "a period beyond the plan",
      ["rateLimit.periodSeconds=60"],
      "drops:rateLimit.periodSeconds",
      "10 on Cloudflare's plan free",
    ],
    [
      "a period beyond Pro",
      ["cloudflare.plan=pro", "rateLimit.periodSeconds=120"],
      "drops:rateLimit.periodSeconds",
      "10, 15, 20, 30, 40, 45, 60 on Cloudflare's plan pro",
    ],
    [
      "a plan that has no way to a medium stack",
      ["live=medium"],
      "drops:cloudflare.plan",
      "pro: only a Snippet, which Free does not have, leads to App Platform",
    ],
    [
      "a period that the API does not take",
      ["cloudflare.plan=pro", "rateLimit.periodSeconds=31"],
      "drops:rateLimit.periodSeconds",
      "10, 15, 20, 30, 40, 45, 60 on Cloudflare's plan pro",
    ],
    [
      "a domain of another zone",
      ["domain=drops.example.net"],
      "drops:domain",
      "example.com or a name that ends in .example.com",
    ],
    [
      "no name of a stack",
      ["live=Big Stack"],
      "drops:live",
      "the name of a stack: a letter, then up to 30 lower-case letters, digits and hyphens",
    ],
    ["an unknown plan", ["cloudflare.plan=gold"], "drops:cloudflare.plan", "free, pro"],
  ])("is refused for %s", async (_, settings, key, allowed) => {
    const problems = await problemsWith(settings, [], "edge");
    expect(problems.map((problem) => [problem.key, problem.allowed])).toEqual([[key, allowed]]);
  });

  it.each([10, 30, 60])("may count over %i seconds on Pro", (seconds) => {
    const edge = checkedStack("edge", [
      "cloudflare.plan=pro",
      `rateLimit.periodSeconds=${seconds}`,
    ]);
    expect(edge).toMatchObject({ rateLimit: { periodSeconds: seconds } });
  });
});

describe("a configuration is accepted", () => {
  it.each([
    ["as committed", [], []],
    ["without a zone", [], ["drops:cloudflare"]],
    ["without a domain", [], ["drops:cloudflare", "drops:domain"]],
    [
      "with a larger server and a smaller pool",
      ["vps.size=s-4vcpu-8gb", "app.poolPerProcess=2"],
      [],
    ],
    ["with a larger database", ["vps.size=s-4vcpu-8gb", "postgres.size=db-s-1vcpu-2gb"], []],
    ["with a managed Valkey", ["redis.provider=digitalocean"], []],
    ["without Redis", ["redis.provider=none"], []],
    ["named by its tier alone", [], ["drops:tier"]],
  ])("%s", async (_, settings, without) => {
    expect(await problemsWith(settings, without)).toEqual([]);
  });
});
