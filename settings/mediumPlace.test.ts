import { describe, expect, it } from "vitest";
import { expectRefused, pathSet as set, problemsOfStack, type Refusal } from "./testStacks";

const everywhere = "ams3, blr1, fra1, lon1, nyc1, nyc3, sfo3, sgp1, syd1, tor1";
const standard = ["postgres.edition=standard", "postgres.nodes=1", "app.poolPerProcess=5"];

/** Region, network, domain and monitoring: settings that are wrong in one way, and the whole answer. */
const refused: readonly Refusal[] = [
  [
    "a region without App Platform",
    ["region=nyc2"],
    "region",
    '"nyc2", which has no App Platform',
    everywhere,
    "pulumi config set --stack medium 'drops:region' fra1",
  ],
  [
    "a region with none of it",
    ["region=mem1"],
    "region",
    '"mem1", which has no App Platform and no PostgreSQL of the Advanced edition and no managed databases of the sizes used',
    everywhere,
    "pulumi config set --stack medium 'drops:region' fra1",
  ],
  [
    "a region without Standard databases",
    [...standard, "region=ric1", "redis.provider=none"],
    "region",
    '"ric1", which has no App Platform and no managed databases of the sizes used',
    everywhere,
    "pulumi config set --stack medium 'drops:region' fra1",
  ],
  [
    "Cloudflare's keys without Cloudflare",
    ["edge=direct"],
    "cloudflare",
    "a zone, with drops:edge direct",
    "nothing: the domain's own DNS then points at App Platform",
    "pulumi config rm --stack medium 'drops:cloudflare', or pulumi config set --stack medium 'drops:edge' cloudflare",
  ],
  [
    "a plan without Snippets",
    ["cloudflare.plan=free"],
    "cloudflare.plan",
    "free, which has no Snippets",
    "pro: App Platform answers to its own host name alone, and a Snippet asks for it by that name",
    `${set("cloudflare.plan", "pro")}, or pulumi config set --stack medium 'drops:edge' direct and pulumi config rm --stack medium 'drops:cloudflare'`,
  ],
  [
    "an unknown plan",
    ["cloudflare.plan=gold"],
    "cloudflare.plan",
    '"gold"',
    "free, pro",
    set("cloudflare.plan", "pro"),
  ],
  [
    "a domain of another zone",
    ["domain=drops.example.net"],
    "domain",
    '"drops.example.net", which is not in the zone example.com',
    "example.com or a name that ends in .example.com",
    "pulumi config set --stack medium 'drops:domain' drops.example.com",
  ],
  [
    "its own origin as domain",
    ["domain=origin-medium.example.com"],
    "domain",
    '"origin-medium.example.com", which is the name of this stack\'s own origin',
    "another name in the zone",
    "pulumi config set --stack medium 'drops:domain' drops.example.com",
  ],
  [
    "a token that only a server needs",
    ["cloudflare.acmeToken=abcdefghijkl"],
    "cloudflare.acmeToken",
    "a key that does not exist",
    "zoneId, zone, plan",
    "remove it: pulumi config rm --stack medium --path 'drops:cloudflare.acmeToken'",
  ],
  [
    "a range the provider keeps",
    ["vpcCidr=10.244.0.0/20"],
    "vpcCidr",
    '"10.244.0.0/20"',
    "a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16) from /16 to /24, outside 10.244.0.0/16, 10.245.0.0/16, 10.246.0.0/24, 10.229.0.0/16, 10.19.0.0/16",
    "pulumi config set --stack medium 'drops:vpcCidr' 10.120.0.0/20",
  ],
  [
    "a monitoring droplet with too little memory",
    ["monitoring.size=s-1vcpu-1gb-35gb-intel"],
    "monitoring.size",
    "s-1vcpu-1gb-35gb-intel (1 GiB, 35 GiB disk)",
    "at least 2 GiB of memory for Prometheus and the exporters, and 25 GiB of disk for 40 days of series: s-1vcpu-2gb, s-1vcpu-2gb-amd, s-1vcpu-2gb-intel, s-1vcpu-2gb-70gb-intel, s-2vcpu-2gb, s-2vcpu-2gb-amd, s-2vcpu-2gb-intel, s-2vcpu-2gb-90gb-intel, s-2vcpu-4gb, s-2vcpu-4gb-amd, s-2vcpu-4gb-intel, s-2vcpu-4gb-120gb-intel, s-2vcpu-8gb-amd, s-4vcpu-8gb, s-4vcpu-8gb-amd, s-4vcpu-8gb-intel, s-8vcpu-16gb, c-2, c-4, g-2vcpu-8gb",
    set("monitoring.size", "s-1vcpu-2gb"),
  ],
  [
    "a latency that the probe cannot tell",
    ["thresholds.response-time.critical=5001"],
    "thresholds.response-time.critical",
    "5001 milliseconds",
    "a whole number up to 5000: DigitalOcean's latency alarm knows no more",
    set("thresholds.response-time.critical", "2000"),
  ],
  [
    "a value that an app's alert gives back as another",
    ["thresholds.restarts.warning=3.3"],
    "thresholds.restarts.warning",
    "3.3",
    "a whole number: DigitalOcean would give this one back as another, and every preview would show a change",
    set("thresholds.restarts.warning", "3"),
  ],
  [
    "a blocked mail port",
    [
      "alerts.smtp.host=smtp.example.com",
      "alerts.smtp.port=465",
      "alerts.smtp.username=u",
      "alerts.smtp.from=ops@example.com",
      "alerts.smtp.password=p",
    ],
    "alerts.smtp.port",
    "465",
    "a port other than 25, 465, 587: DigitalOcean blocks those on droplets",
    set("alerts.smtp.port", "2525"),
  ],
];

describe("a medium configuration is refused", () => {
  it.each(refused)("for %s", (_, settings, ...problem) => {
    expectRefused("medium", settings, problem);
  });

  it("for a domain without a zone, with both ways out", () => {
    expect(problemsOfStack("medium", [], ["drops:cloudflare"])).toEqual([
      {
        key: "drops:cloudflare",
        got: "nothing, with drops:domain set and drops:edge cloudflare",
        allowed: "zoneId and zone of the domain's zone at Cloudflare",
        fix: `${set("cloudflare.zoneId", "0".repeat(32))} and ${set("cloudflare.zone", "example.com")}, or pulumi config set --stack medium 'drops:edge' direct`,
      },
    ]);
  });
});
