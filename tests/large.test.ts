import { beforeAll, describe, expect, it } from "vitest";
import type { Composition, RegisteredResource } from "../report/compose";
import { record, type Answer } from "../report/compose";
import { readStackFile, withSetting } from "../report/stackFile";
import { violationsOf } from "../policy/rules";
import { estimate } from "../prices/estimate";
import { program } from "../stacks/program";
import { tiers } from "../tiers";
import { census, composed, named } from "./composing";
import { largeVariants } from "./largeVariants";

/** Type token of an AWS resource. */
const aws = (module: string, name: string): string =>
  `aws:${module}/${name[0]?.toLowerCase() ?? ""}${name.slice(1)}:${name}`;
const last = (urn: string): string => urn.split("::").at(-1) ?? "";
const costOf = ({ resources }: Composition) =>
  estimate({ resources, load: tiers.large.numbers.monthlyLoad, alsoPaid: [] });

describe("the committed large stack", () => {
  let large: Composition;
  beforeAll(async () => {
    large = await composed("large");
  });

  it("registers exactly these resources", () => {
    expect(census(large)).toEqual({
      "pulumi:providers:aws": 1,
      "pulumi:pulumi:Stack": 1,
      [aws("acm", "Certificate")]: 1,
      [aws("acm", "CertificateValidation")]: 1,
      [aws("appautoscaling", "Policy")]: 5,
      [aws("appautoscaling", "Target")]: 2,
      [aws("backup", "Plan")]: 1,
      [aws("backup", "Selection")]: 1,
      [aws("backup", "Vault")]: 1,
      [aws("budgets", "Budget")]: 1,
      [aws("cloudfront", "CachePolicy")]: 1,
      [aws("cloudfront", "Distribution")]: 1,
      [aws("cloudfront", "ResponseHeadersPolicy")]: 1,
      [aws("cloudfront", "VpcOrigin")]: 1,
      [aws("cloudwatch", "CompositeAlarm")]: 11,
      [aws("cloudwatch", "Dashboard")]: 1,
      [aws("cloudwatch", "EventRule")]: 4,
      [aws("cloudwatch", "EventTarget")]: 4,
      [aws("cloudwatch", "LogGroup")]: 6,
      [aws("cloudwatch", "LogResourcePolicy")]: 1,
      [aws("cloudwatch", "MetricAlarm")]: 83,
      [aws("ec2", "DefaultSecurityGroup")]: 1,
      [aws("ec2", "Eip")]: 2,
      [aws("ec2", "InternetGateway")]: 1,
      [aws("ec2", "NatGateway")]: 2,
      [aws("ec2", "Route")]: 4,
      [aws("ec2", "RouteTable")]: 5,
      [aws("ec2", "RouteTableAssociation")]: 9,
      [aws("ec2", "SecurityGroup")]: 4,
      [aws("ec2", "Subnet")]: 9,
      [aws("ec2", "Vpc")]: 1,
      [aws("ec2", "VpcEndpoint")]: 1,
      [aws("ecr", "LifecyclePolicy")]: 1,
      [aws("ecr", "Repository")]: 1,
      [aws("ecs", "Cluster")]: 1,
      [aws("ecs", "Service")]: 2,
      [aws("ecs", "TaskDefinition")]: 3,
      [aws("elasticache", "ParameterGroup")]: 1,
      [aws("elasticache", "ReplicationGroup")]: 1,
      [aws("elasticache", "SubnetGroup")]: 1,
      [aws("iam", "Role")]: 8,
      [aws("iam", "RolePolicy")]: 4,
      [aws("iam", "RolePolicyAttachment")]: 2,
      [aws("lambda", "Function")]: 1,
      [aws("lambda", "Invocation")]: 1,
      [aws("lb", "Listener")]: 1,
      [aws("lb", "LoadBalancer")]: 1,
      [aws("lb", "TargetGroup")]: 1,
      [aws("rds", "Cluster")]: 1,
      [aws("rds", "ClusterInstance")]: 2,
      [aws("rds", "ClusterParameterGroup")]: 1,
      [aws("rds", "SubnetGroup")]: 1,
      [aws("route53", "HealthCheck")]: 1,
      [aws("s3", "Bucket")]: 2,
      [aws("s3", "BucketLifecycleConfiguration")]: 2,
      [aws("s3", "BucketOwnershipControls")]: 2,
      [aws("s3", "BucketPolicy")]: 2,
      [aws("s3", "BucketPublicAccessBlock")]: 2,
      [aws("s3", "BucketServerSideEncryptionConfiguration")]: 2,
      [aws("s3", "BucketVersioning")]: 1,
      [aws("secretsmanager", "Secret")]: 5,
      [aws("secretsmanager", "SecretVersion")]: 5,
      [aws("sns", "Topic")]: 1,
      [aws("sns", "TopicPolicy")]: 1,
      [aws("sns", "TopicSubscription")]: 1,
      [aws("vpc", "SecurityGroupEgressRule")]: 4,
      [aws("vpc", "SecurityGroupIngressRule")]: 4,
      [aws("wafv2", "IpSet")]: 2,
      [aws("wafv2", "WebAcl")]: 1,
      "cloudflare:index/dnsRecord:DnsRecord": 3,
      "random:index/randomId:RandomId": 1,
      "random:index/randomPassword:RandomPassword": 4,
    });
  });

  it("keeps its logical names", () => {
    // A name that changes here replaces a resource of every stack that exists: add an alias instead.
    const names = large.resources
      .filter(({ type }) => !/Alarm$|Stack$|^drops:|^aws:(ec2|vpc)\//.test(type))
      .map(({ name }) => name)
      .sort();
    expect(names).toEqual([
      "alarm-topic-email-af3c8254",
      "alarm-topic-policy",
      "alarm-topic-topic",
      "aws",
      "backup-bucket",
      "backup-encryption",
      "backup-lifecycle",
      "backup-ownership",
      "backup-policy",
      "backup-public-access",
      "backup-versioning",
      "balancer-balancer",
      "balancer-https",
      "balancer-logs-bucket",
      "balancer-logs-encryption",
      "balancer-logs-lifecycle",
      "balancer-logs-ownership",
      "balancer-logs-policy",
      "balancer-logs-public-access",
      "balancer-web",
      "budget-budget",
      "cdn-assets",
      "cdn-distribution",
      "cdn-headers",
      "cdn-origin",
      "certificate-certificate",
      "certificate-record-drops.example.com",
      "certificate-record-origin-large.example.com",
      "certificate-validation",
      "cluster-cluster",
      "dashboard-dashboard",
      "database-admin-url-secret",
      "database-admin-url-version",
      "database-owner-url-secret",
      "database-owner-url-version",
      "database-reader-url-secret",
      "database-reader-url-version",
      "database-url-secret",
      "database-url-version",
      "events-log",
      "events-log-policy",
      "events-web-deploy-failed",
      "events-web-deploy-failed-target",
      "events-web-task-failed",
      "events-web-task-failed-target",
      "events-worker-deploy-failed",
      "events-worker-deploy-failed-target",
      "events-worker-task-failed",
      "events-worker-task-failed-target",
      "migrate-execution-policy",
      "migrate-execution-role",
      "migrate-function",
      "migrate-function-log",
      "migrate-function-policy",
      "migrate-function-role",
      "migrate-log",
      "migrate-run",
      "migrate-task",
      "migrate-task-role",
      "origin-record",
      "postgres-1",
      "postgres-2",
      "postgres-admin-password-value",
      "postgres-app-password-value",
      "postgres-cluster",
      "postgres-final-snapshot",
      "postgres-log",
      "postgres-owner-password-value",
      "postgres-parameters",
      "postgres-subnets",
      "redis-group",
      "redis-parameters",
      "redis-subnets",
      "redis-token-value",
      "redis-url-secret",
      "redis-url-version",
      "registry-lifecycle",
      "registry-repository",
      "site-check",
      "snapshots-backup-policy",
      "snapshots-plan",
      "snapshots-restore-policy",
      "snapshots-role",
      "snapshots-selection",
      "snapshots-vault",
      "waf-acl",
      "waf-cloudflare-ipv4",
      "waf-cloudflare-ipv6",
      "web-execution-policy",
      "web-execution-role",
      "web-log",
      "web-scaling",
      "web-scaling-cpu",
      "web-scaling-memory",
      "web-scaling-requests",
      "web-service",
      "web-task",
      "web-task-role",
      "worker-execution-policy",
      "worker-execution-role",
      "worker-log",
      "worker-scaling",
      "worker-scaling-cpu",
      "worker-scaling-memory",
      "worker-service",
      "worker-task",
      "worker-task-role",
    ]);
  });

  it("migrates when everything that a migration needs is there, and before any service", () => {
    const waitsFor = named(large, "migrate-run").dependsOn.map(last);
    expect(waitsFor).toEqual(
      expect.arrayContaining([
        ...["migrate-task", "migrate-function"],
        ...["postgres-1", "postgres-2", "redis-group"],
        ...["security-database-from-app", "security-app-to-database"],
        ...["network-private-a-route", "network-private-b-route", "network-private-c-route"],
      ]),
    );
    for (const service of ["web-service", "worker-service"]) {
      expect(named(large, service).dependsOn.map(last)).toContain("migrate-run");
    }
    expect(named(large, "web-service").dependsOn.map(last)).toContain("balancer-https");
  });

  it("spreads over three zones, and leaves the fourth quarter of the network free", () => {
    const subnets = large.resources.filter(({ type }) => type === aws("ec2", "Subnet"));
    expect(
      Object.fromEntries(
        subnets.map(({ name, inputs }) => [
          name,
          `${String(inputs.availabilityZone)} ${String(inputs.cidrBlock)}`,
        ]),
      ),
    ).toEqual({
      "network-private-a": "us-east-1a 10.130.0.0/19",
      "network-data-a": "us-east-1a 10.130.32.0/20",
      "network-public-a": "us-east-1a 10.130.48.0/20",
      "network-private-b": "us-east-1b 10.130.64.0/19",
      "network-data-b": "us-east-1b 10.130.96.0/20",
      "network-public-b": "us-east-1b 10.130.112.0/20",
      "network-private-c": "us-east-1c 10.130.128.0/19",
      "network-data-c": "us-east-1c 10.130.160.0/20",
      "network-public-c": "us-east-1c 10.130.176.0/20",
    });
  });

  it("tags everything with its stack, and says the region once", () => {
    const { region, defaultTags } = named(large, "aws").inputs;
    expect(region).toBe("us-east-1");
    // A provider's settings reach it as text.
    expect(JSON.parse(String(defaultTags))).toEqual({
      tags: { "drops:stack": "large", "drops:tier": "large" },
    });
  });

  it("names what is deep inside as the engine does, by all components above it", () => {
    expect(named(large, "balancer-logs-bucket").urn).toBe(
      "urn:pulumi:large::drops::drops:compute:AppBalancer$drops:compute:AccessLogBucket$" +
        "aws:s3/bucket:Bucket::balancer-logs-bucket",
    );
  });

  it("watches every rule on every target", () => {
    const { alarms, uncovered } = large.composed.planning;
    expect(uncovered).toEqual([]);
    expect([...new Set(alarms.map(({ target }) => target))].sort()).toEqual([
      "postgres-reader-1",
      "postgres-writer",
      "redis-0001-001",
      "redis-0001-002",
      "redis-0002-001",
      "redis-0002-002",
      "web",
      "worker",
    ]);
  });

  it("costs what the tier is meant to cost, with everything priced", () => {
    const { monthly, unpriced } = costOf(large);
    expect(unpriced).toEqual([]);
    expect(monthly).toBeGreaterThan(700);
    expect(monthly).toBeLessThanOrEqual(tiers.large.numbers.costUsdTarget);
  });

  it("guards data, the way in, and nothing that can be built again", () => {
    const guarded = large.resources.filter(({ protect }) => protect).map(({ name }) => name);
    expect(guarded.sort()).toEqual([
      "backup-bucket",
      "balancer-balancer",
      "postgres-cluster",
      "redis-group",
      "registry-repository",
      "snapshots-vault",
    ]);
  });
});

describe.each(largeVariants)("a large stack, $title", ({ settings, without = [] }) => {
  let large: Composition;
  beforeAll(async () => {
    large = await composed("large", settings, without);
  });

  it("says of each rule that nobody watches who else does", () => {
    const has = (word: string) => settings.some((setting) => setting.includes(word));
    const { uncovered } = large.composed.planning;
    const reasons = new Set(
      uncovered.map(
        ({ reason }) =>
          /vendor|nothing in AWS asks|serverless instance|Container Insights/.exec(reason)?.[0],
      ),
    );
    expect([...reasons].sort()).toEqual([
      ...(has("services=") ? ["Container Insights"] : []),
      ...(has("provider=external") ? ["nothing in AWS asks"] : []),
      ...(has("mode=serverless") ? ["serverless instance"] : []),
      ...(has("provider=external") ? ["vendor"] : []),
    ]);
  });

  it("has what its alarms name: they are planned before anything is there", () => {
    const dimensions = large.resources
      .filter(({ type }) => type === aws("cloudwatch", "MetricAlarm"))
      .flatMap(({ inputs }) => dimensionsOf(inputs));
    const namedBy = (dimension: string) =>
      [...new Set(dimensions.flatMap((all) => all[dimension] ?? []))].sort();
    const made = (type: string, key: string) =>
      large.resources
        .filter((resource) => resource.type === type)
        .map(({ inputs }) => String(inputs[key]))
        .sort();
    expect(namedBy("ServiceName")).toEqual(made(aws("ecs", "Service"), "name"));
    expect(namedBy("ClusterName")).toEqual(made(aws("ecs", "Cluster"), "name"));
    expect(namedBy("DBInstanceIdentifier")).toEqual(
      made(aws("rds", "ClusterInstance"), "identifier"),
    );
    expect(namedBy("RuleName")).toEqual(made(aws("cloudwatch", "EventRule"), "name"));
    expect(namedBy("TopicName")).toEqual([...new Set(made(aws("sns", "Topic"), "name"))]);
    const groups = large.resources.filter(
      ({ type }) => type === aws("elasticache", "ReplicationGroup"),
    );
    expect(namedBy("CacheClusterId")).toEqual(
      groups.flatMap(({ inputs }) => {
        const { replicationGroupId, numNodeGroups, replicasPerNodeGroup } = inputs as {
          replicationGroupId: string;
          numNodeGroups: number;
          replicasPerNodeGroup: number;
        };
        const padded = (number: number, width: number) => String(number + 1).padStart(width, "0");
        return Array.from({ length: numNodeGroups }, (_, shard) =>
          Array.from(
            { length: 1 + replicasPerNodeGroup },
            (_unused, node) => `${replicationGroupId}-${padded(shard, 4)}-${padded(node, 3)}`,
          ),
        ).flat();
      }),
    );
  });

  it("keeps every rule that a stack must keep", () => {
    const broken = violationsOf(large.resources).filter(({ level }) => level === "mandatory");
    expect(broken).toEqual([]);
  });

  it("has a price, or says why it has none", () => {
    for (const { type, reason } of costOf(large).unpriced) {
      expect(reason, type).toMatch(/no AWS prices of|price of|no prices in the book/);
      expect(reason, type).not.toMatch(/does not know the type/);
    }
  });

  it("shows no secret", () => {
    expect(JSON.stringify([large.resources, large.outputs])).not.toContain("replace-me@");
    expect(JSON.stringify([large.resources, large.outputs])).not.toContain("octocat:");
  });

  it("has names of its own for everything", () => {
    const urns = large.resources.map(({ urn }) => urn);
    expect(new Set(urns).size).toBe(urns.length);
  });
});

/** Dimensions of all metrics that an alarm looks at. */
function dimensionsOf(inputs: RegisteredResource["inputs"]): readonly Record<string, string>[] {
  const { dimensions, metricQueries = [] } = inputs as {
    dimensions?: Record<string, string>;
    metricQueries?: readonly { metric?: { dimensions?: Record<string, string> } }[];
  };
  return [dimensions, ...metricQueries.map(({ metric }) => metric?.dimensions)].filter(
    (one) => one !== undefined,
  );
}

/** Ids and outputs as AWS might give them. */
const answer: Answer = (type, name) => {
  const arn = `arn:aws:test:us-east-1:123456789012:${name}`;
  return {
    id: name,
    outputs: {
      arn,
      ownerId: "123456789012",
      arnSuffix: `suffix/${name}`,
      versionId: "v1",
      repositoryUrl: "123456789012.dkr.ecr.us-east-1.amazonaws.com/drops-large",
      ...(type.endsWith(":Certificate") && {
        domainValidationOptions: ["drops.shop.io", "origin-large.shop.io"].map((domainName) => ({
          domainName,
          resourceRecordName: `_x.${domainName}.`,
          resourceRecordType: "CNAME",
          resourceRecordValue: "_y.acm.aws.",
        })),
      }),
      ...(type.endsWith(":Cluster") && {
        endpoint: "writer.rds",
        readerEndpoint: "reader.rds",
        port: 5_432,
      }),
      ...(type.endsWith(":Proxy") && { endpoint: "proxy.rds" }),
      ...(type.endsWith(":ReplicationGroup") && {
        configurationEndpointAddress: "cache.local",
        port: 6_379,
      }),
      ...(type.endsWith(":RandomPassword") && { result: `hunter2-${name}` }),
      ...(type.endsWith(":TopicSubscription") && { pendingConfirmation: true }),
      ...(type.endsWith(":Distribution") && { domainName: "d1.cloudfront.net" }),
      ...(type.endsWith(":LoadBalancer") && { dnsName: "balancer.elb" }),
    },
  };
};

const replaced = [
  "domain=drops.shop.io",
  "cloudflare.zone=shop.io",
  "cloudflare.zoneId=0123456789abcdef0123456789abcdef",
  `image=ghcr.io/shop/drops@sha256:${"1".repeat(64)}`,
  "alerts.emails[0]=ops@shop.io",
];

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly essential: boolean;
  readonly dependsOn?: readonly object[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[];
}

async function deployed(settings: readonly string[] = [], without: readonly string[] = []) {
  const all = [...replaced, ...settings].reduce(withSetting, readStackFile("large"));
  const values = Object.fromEntries(
    Object.entries(all.values).filter(([key]) => !without.includes(key)),
  );
  const { resources, outputs } = await record("large", { ...all, values }, program, answer);
  const find = (name: string): RegisteredResource => {
    const found = resources.find((resource) => resource.name === name);
    if (found === undefined) throw new Error(`nothing is named ${name}`);
    return found;
  };
  return {
    resources,
    outputs,
    find,
    containers: (task: string) =>
      JSON.parse(String(find(`${task}-task`).inputs.containerDefinitions)) as Container[],
  };
}

/** A container's variables: the plain ones with their value, the secret ones with their secret. */
function variables({ environment, secrets }: Container): Record<string, string> {
  return {
    ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
    ...Object.fromEntries(
      secrets.map(({ name, valueFrom }) => [
        name,
        /:([\w-]+)-secret:/.exec(valueFrom)?.[1] ?? valueFrom,
      ]),
    ),
  };
}

it("registers nothing where its alarms cannot be planned", async () => {
  let thrown: unknown;
  const { resources } = await record(
    "large",
    replaced.reduce(withSetting, readStackFile("large")),
    {
      prepare: program.prepare,
      compose: async (read) => {
        const { settings } = read;
        if (settings.tier !== "large") throw new Error("another tier");
        // More hours than CloudWatch looks back over; settings would refuse them.
        const thresholds = { ...settings.thresholds, "backup-age": { critical: 200 } };
        try {
          return await program.compose({ ...read, settings: { ...settings, thresholds } });
        } catch (error) {
          thrown = error;
          return { outputs: {} };
        }
      },
    },
    answer,
  );
  expect(String(thrown)).toContain("backup-age-critical-postgres-writer: an alarm looks back");
  expect(resources.map(({ type }) => type)).toEqual(["pulumi:pulumi:Stack"]);
});

describe("a deploy of a large stack", () => {
  const image = `ghcr.io/shop/drops@sha256:${"1".repeat(64)}`;
  const common = { NODE_ENV: "production", DROPS_TIER: "large", DROPS_STACK: "large" };
  const authority = expect.stringContaining("BEGIN CERTIFICATE") as unknown as string;
  let large: Awaited<ReturnType<typeof deployed>>;
  beforeAll(async () => {
    large = await deployed();
  });

  it("gives each container what it needs and no more", () => {
    const [web] = large.containers("web");
    expect(web).toMatchObject({ name: "web", image, essential: true });
    expect(web?.command).toBeUndefined();
    expect(web && variables(web)).toEqual({
      ...common,
      PORT: "3000",
      PUBLIC_URL: "https://drops.shop.io",
      DATABASE_CA: authority,
      DATABASE_POOL_MAX: "10",
      DATABASE_URL: "database-url",
      DATABASE_REPLICA_URL: "database-reader-url",
      REDIS_MODE: "cluster",
      REDIS_URL: "redis-url",
      BACKGROUND_WORK: "off",
      TRUST_PROXY: "false",
      VISITOR_IP_HEADER: "cf-connecting-ip",
      KEEP_ALIVE_TIMEOUT_MS: "125000",
      SHUTDOWN_TIMEOUT_MS: "100000",
      SHUTDOWN_DELAY_MS: "2000",
      METRICS: "emf",
      METRICS_INTERVAL_MS: "60000",
    });
    const [worker] = large.containers("worker");
    expect(worker?.command).toEqual(["node", "dist/worker.js"]);
    expect(worker && variables(worker)).toEqual({
      ...common,
      DATABASE_CA: authority,
      DATABASE_POOL_MAX: "2",
      DATABASE_URL: "database-url",
      SHUTDOWN_TIMEOUT_MS: "100000",
      METRICS: "emf",
      METRICS_INTERVAL_MS: "60000",
    });
    const [roles, migrate] = large.containers("migrate");
    expect(roles).toMatchObject({ name: "roles", essential: false });
    expect(roles && variables(roles)).toEqual({
      ...common,
      DATABASE_CA: authority,
      ADMIN_DATABASE_URL: "database-admin-url",
      MIGRATION_DATABASE_URL: "database-owner-url",
      DATABASE_URL: "database-url",
    });
    expect(migrate).toMatchObject({
      name: "migrate",
      dependsOn: [{ containerName: "roles", condition: "SUCCESS" }],
    });
    expect(migrate && variables(migrate)).toEqual({
      ...common,
      DATABASE_CA: authority,
      APP_ROLE: "drops_app",
      MIGRATION_DATABASE_URL: "database-owner-url",
    });
  });

  it("lets each task's role read its own secrets alone", () => {
    const readable = (task: string): readonly string[] => {
      const { Statement } = JSON.parse(
        String(large.find(`${task}-execution-policy`).inputs.policy),
      ) as { Statement: { Action: string | string[]; Resource: string | string[] }[] };
      return Statement.filter(({ Action }) =>
        [Action].flat().includes("secretsmanager:GetSecretValue"),
      )
        .flatMap(({ Resource }) => Resource)
        .map((arn) => arn.replace(/^.*:|-secret$/g, ""))
        .sort();
    };
    expect(readable("web")).toEqual(["database-reader-url", "database-url", "redis-url"]);
    expect(readable("worker")).toEqual(["database-url"]);
    expect(readable("migrate")).toEqual([
      "database-admin-url",
      "database-owner-url",
      "database-url",
    ]);
  });

  it("shows a password nowhere", () => {
    expect(JSON.stringify(large.resources)).not.toContain("hunter2");
    expect(JSON.stringify(large.outputs)).not.toContain("hunter2");
  });

  it("says who has not confirmed yet", () => {
    expect(large.outputs.pendingConfirmations).toEqual(["ops@shop.io"]);
  });

  it("is asked from outside whether it can serve, by the name that users know", () => {
    expect(large.find("site-check").inputs).toMatchObject({
      fqdn: "drops.shop.io",
      resourcePath: "/readyz",
    });
  });

  it("leads its own name in the zone to CloudFront", () => {
    expect(large.find("origin-record").inputs).toEqual({
      zoneId: "0123456789abcdef0123456789abcdef",
      name: "origin-large.shop.io",
      type: "CNAME",
      content: "d1.cloudfront.net",
      ttl: 300,
      proxied: false,
    });
    expect(large.find("cdn-distribution").inputs.aliases).toEqual([
      "drops.shop.io",
      "origin-large.shop.io",
    ]);
  });

  it("counts the proxies where no Cloudflare names the visitor", async () => {
    const { containers, outputs } = await deployed([], ["drops:cloudflare", "drops:domain"]);
    const [web] = containers("web");
    expect(web && variables(web)).toMatchObject({ TRUST_PROXY: "2", PUBLIC_URL: "" });
    expect(web && variables(web)).not.toHaveProperty("VISITOR_IP_HEADER");
    expect(outputs.publicUrl).toBe("https://d1.cloudfront.net");
  });

  it("reads the visitor from the snippet's own header on a plan that has snippets", async () => {
    const { containers, find } = await deployed(["cloudflare.plan=pro"]);
    const [web] = containers("web");
    expect(web && variables(web).VISITOR_IP_HEADER).toBe("x-drops-visitor-ip");
    expect(JSON.stringify(find("waf-acl").inputs)).toContain("X-Drops-Visitor-IP");
  });

  it("leads to the balancer where Cloudflare is the edge", async () => {
    const { find, resources } = await deployed(["edge=cloudflare"]);
    expect(find("origin-record").inputs.content).toBe("balancer.elb");
    expect(find("balancer-balancer").inputs.internal).toBe(false);
    expect(resources.some(({ type }) => /cloudfront|wafv2/.test(type))).toBe(false);
  });

  it("pulls from its own repository by digest alone, with the right to do so", async () => {
    const digest = `sha256:${"2".repeat(64)}`;
    const { containers, find } = await deployed([`image=${digest}`]);
    expect(containers("web")[0]?.image).toBe(
      `123456789012.dkr.ecr.us-east-1.amazonaws.com/drops-large@${digest}`,
    );
    expect(String(find("web-execution-policy").inputs.policy)).toContain("registry-repository");
  });

  it("asks the proxy for statements where there is one", async () => {
    const { containers } = await deployed(["postgres.proxy=on"]);
    const [web] = containers("web");
    expect(web && variables(web).DATABASE_POOLER_URL).toBe("database-pooler-url");
    expect(variables(containers("migrate")[1] as Container)).not.toHaveProperty(
      "DATABASE_POOLER_URL",
    );
  });

  it("runs further services of the same image, and watches them", async () => {
    const { containers, outputs } = await deployed([
      'services=[{"name":"mailer","command":["node","dist/mailer.js"]}]',
    ]);
    const [mailer] = containers("mailer");
    expect(mailer?.command).toEqual(["node", "dist/mailer.js"]);
    expect(mailer && variables(mailer)).toMatchObject({
      REDIS_URL: "redis-url",
      REDIS_MODE: "cluster",
      // It would bear the worker's name in its metrics, and hide one that is dead.
      METRICS: "none",
    });
    expect(outputs.alarms).toEqual(expect.arrayContaining(["cpu-warning-mailer"]));
  });

  it("makes no roles in somebody else's database", async () => {
    const { containers } = await deployed([
      "postgres.provider=external",
      "postgres.url=postgresql://app:hunter2@db.shop.io/drops",
      "postgres.ownerUrl=postgresql://owner:hunter2@db.shop.io/drops",
      "postgres.connectionLimit=500",
    ]);
    const [migrate, ...others] = containers("migrate");
    expect(others).toEqual([]);
    expect(migrate && variables(migrate)).toMatchObject({ APP_ROLE: "app" });
  });
});
