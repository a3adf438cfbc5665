import { mkdirSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";
import { newContainers, type Containers } from "..";
import { ImageRegistry } from "../../apps/images";
import { programs, type Answer } from "../../apps/testing/sampleApps";
import { AwsTestCloud } from "../../aws/testing/testCloud";
import { openAuthority } from "../../certificates";
import type { Values } from "../../cloud/kind";
import type { CertificateAuthority, CloudResource, ServiceStatus } from "../../contracts";

/** Short ones: nothing here waits for a person. */
const timing = {
  ...{ checkPauseMs: 100, livenessPauseMs: 100, healthyMs: 3_000, settleMs: 200 },
  ...{ drainMs: 300, graceMs: 1_000, jobMs: 5_000, restart: { minMs: 100, maxMs: 500 } },
  ...{ steadyMs: 4_000, lookMs: 50 },
  autoscaling: { sampleMs: 200, upMs: 600, downMs: 800 },
};

const trust = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

export const allow = (
  action: string | readonly string[],
  resource: string | readonly string[],
) => ({
  ...{ Effect: "Allow", Action: action, Resource: resource },
});

export const policy = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** A network, a balancer and a cluster on an embedded ECS of a test's own. */
export class SampleEcs {
  readonly cloud = new AwsTestCloud();
  readonly lines: string[] = [];
  readonly directory = this.cloud.directory;
  readonly mark = join(this.directory, "mark");
  containers!: Containers;
  authority!: CertificateAuthority;
  /** Resources by their logical names. */
  readonly made: Record<string, CloudResource> = {};
  private images = 0;

  static async open(): Promise<SampleEcs> {
    const sample = new SampleEcs();
    sample.authority = await openAuthority(join(sample.directory, "authority"), "Test");
    sample.reopen();
    return sample;
  }

  /** As another cloud does, after this one has ended. */
  reopen(): Containers {
    this.containers = newContainers({
      directory: join(this.directory, "containers"),
      imageFile: join(this.directory, "images.json"),
      ...{ world: this.cloud.world, authority: this.authority, timing },
      authorityFile: join(this.directory, "authority/ca.pem"),
      log: (line) => this.lines.push(line),
    });
    (this.cloud.cloud.services as unknown as { containers: Containers }).containers =
      this.containers;
    return this.containers;
  }

  async close(): Promise<void> {
    await this.containers.stopAll();
    this.cloud.close();
  }

  async make(kind: string, name: string, inputs: Values): Promise<CloudResource> {
    return (this.made[name] = await this.cloud.create(kind, name, inputs));
  }

  /** Registers an image with these programs in dist/; its reference. */
  image(dist: Readonly<Record<string, string>> = {}, repository = "ghcr.io/octocat/drops"): string {
    const directory = join(this.directory, `image-${(this.images += 1)}`);
    mkdirSync(join(directory, "dist"), { recursive: true });
    const files = { "index.js": programs.good, "job.js": programs.job, ...dist };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(directory, "dist", name), text);
    }
    const reference = `${repository}@sha256:${String(this.images).padStart(64, "0")}`;
    const environment = { NODE_ENV: "production" };
    new ImageRegistry(join(this.directory, "images.json")).register(reference, {
      ...{ directory, environment },
    });
    return reference;
  }

  /** Everything that a service needs, but the service. */
  async base(): Promise<void> {
    const vpc = await this.make("Vpc", "vpc", { cidrBlock: "10.130.0.0/16" });
    for (const [index, zone] of ["a", "b", "c"].entries()) {
      await this.make("Subnet", `private-${zone}`, {
        ...{ vpcId: vpc.id, cidrBlock: `10.130.${index}.0/24` },
        availabilityZone: `eu-central-1${zone}`,
      });
    }
    await this.network(vpc.id);
    const group = await this.make("TargetGroup", "web", {
      ...{ vpcId: vpc.id, targetType: "ip", protocol: "HTTP", port: 3000 },
      ...{ deregistrationDelay: 1, loadBalancingAlgorithmType: "least_outstanding_requests" },
      healthCheck: { path: "/healthz", interval: 5, timeout: 2, unhealthyThreshold: 3 },
    });
    const balancer = await this.make("LoadBalancer", "balancer", {
      ...{ internal: true, subnets: this.subnets, securityGroups: [this.made["front"]?.id] },
    });
    await this.make("Listener", "http", {
      ...{ loadBalancerArn: balancer.id, port: 80, protocol: "HTTP" },
      defaultActions: [{ type: "forward", targetGroupArn: group.id }],
    });
    await this.make("Cluster", "cluster", { name: "drops-large" });
    await this.make("LogGroup", "log", { name: "/ecs/drops", retentionInDays: 30 });
    const secret = await this.make("Secret", "secret", { namePrefix: "drops-" });
    await this.make("SecretVersion", "version", {
      ...{ secretId: secret.id, secretString: "postgresql://app:hunter%2F2@db/drops" },
    });
    await this.make("Role", "execution", { assumeRolePolicy: trust("ecs-tasks.amazonaws.com") });
    await this.make("RolePolicy", "execution-policy", {
      role: this.made["execution"]?.id,
      policy: policy(
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], `${this.arn("log")}:*`),
        allow("secretsmanager:GetSecretValue", secret.id),
      ),
    });
  }

  /** A way out for the private subnets, and groups that let the balancer in. */
  private async network(vpcId: string): Promise<void> {
    const subnet = await this.make("Subnet", "public", {
      ...{ vpcId, cidrBlock: "10.130.9.0/24", availabilityZone: "eu-central-1a" },
    });
    await this.make("InternetGateway", "internet", { vpcId });
    const { id: allocationId } = await this.make("Eip", "address", { domain: "vpc" });
    const nat = await this.make("NatGateway", "nat", { subnetId: subnet.id, allocationId });
    const table = await this.make("RouteTable", "table", { vpcId });
    for (const subnetId of this.subnets) {
      const inputs = { routeTableId: table.id, subnetId };
      await this.make("RouteTableAssociation", `association-${subnetId}`, inputs);
    }
    await this.make("Route", "route", {
      ...{ routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: nat.id },
    });
    const front = await this.make("SecurityGroup", "front", { vpcId });
    const app = await this.make("SecurityGroup", "app", { vpcId });
    const port = (fromPort: number) => ({ ipProtocol: "tcp", fromPort, toPort: fromPort });
    await this.make("SecurityGroupEgressRule", "to-app", {
      ...{ securityGroupId: front.id, ...port(3000), referencedSecurityGroupId: app.id },
    });
    await this.make("SecurityGroupIngressRule", "from-front", {
      ...{ securityGroupId: app.id, ...port(3000), referencedSecurityGroupId: front.id },
    });
    await this.make("SecurityGroupEgressRule", "out", {
      ...{ securityGroupId: app.id, ...port(443), cidrIpv4: "0.0.0.0/0" },
    });
  }

  get subnets(): readonly (string | undefined)[] {
    return ["a", "b", "c"].map((zone) => this.made[`private-${zone}`]?.id);
  }

  arn(name: string): string {
    return String(this.made[name]?.outputs["arn"]);
  }

  container(image: string, version: string, change: Values = {}): Values {
    const secret = `${this.arn("secret")}:::${String(this.made["version"]?.outputs["versionId"])}`;
    return {
      ...{ name: "web", image, essential: true },
      portMappings: [{ containerPort: 3000, hostPort: 3000, protocol: "tcp" }],
      environment: [
        { name: "VERSION", value: version },
        { name: "MARK", value: this.mark },
      ],
      secrets: [{ name: "DATABASE_URL", valueFrom: secret }],
      ...{ stopTimeout: 2, logConfiguration: this.logging },
      ...change,
    };
  }

  get logging(): Values {
    return {
      logDriver: "awslogs",
      options: {
        ...{ "awslogs-group": "/ecs/drops", "awslogs-region": "eu-central-1" },
        "awslogs-stream-prefix": "task",
      },
    };
  }

  async define(
    name: string,
    containers: readonly Values[],
    family = "drops-web",
  ): Promise<CloudResource> {
    return await this.make("TaskDefinition", name, {
      ...{ family, cpu: "256", memory: "512", networkMode: "awsvpc" },
      ...{ requiresCompatibilities: ["FARGATE"], executionRoleArn: this.arn("execution") },
      containerDefinitions: JSON.stringify(containers),
    });
  }

  /** Inputs of a service of two tasks behind the balancer. */
  service(definition: CloudResource, change: Values = {}): Values {
    return {
      ...{ name: "web", cluster: this.arn("cluster"), taskDefinition: definition.id },
      ...{ launchType: "FARGATE", desiredCount: 2, waitForSteadyState: true },
      deploymentCircuitBreaker: { enable: true, rollback: true },
      networkConfiguration: { subnets: this.subnets, securityGroups: [this.made["app"]?.id] },
      loadBalancers: [
        { targetGroupArn: this.arn("web"), containerName: "web", containerPort: 3000 },
      ],
      ...change,
    };
  }

  statuses(what: string): readonly ServiceStatus[] {
    return this.containers.statuses().filter((status) => status.what.includes(what));
  }

  pids(): readonly (number | undefined)[] {
    return this.statuses("web task").map(({ pid }) => pid);
  }

  /** A request to the balancer. */
  async visit(
    path = "/",
    {
      headers = {},
      port,
    }: { readonly headers?: Record<string, string>; readonly port?: number } = {},
  ): Promise<Answer> {
    const target = this.containers.balancerTarget(String(this.made["balancer"]?.id), port);
    if (!target) throw new Error("no listener listens");
    const request = target.tls ? httpsRequest : httpRequest;
    return await new Promise((resolve, reject) => {
      const asked = request(
        {
          ...{ host: "127.0.0.1", port: target.port, path, headers, agent: false },
          ...{ ca: this.authority.certificate, servername: "localhost" },
        },
        (response) => {
          let text = "";
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
          response.once("error", reject).once("end", () => {
            resolve({
              ...{ status: response.statusCode ?? 0, headers: response.headers, body: text },
              seen: (text.startsWith("{") ? JSON.parse(text) : {}) as Answer["seen"],
            });
          });
        },
      );
      asked.once("error", reject).end();
    });
  }

  /** Role that lambda may assume, with these statements. */
  async functionRole(...statements: readonly object[]): Promise<CloudResource> {
    const role = await this.make("Role", "function-role", {
      assumeRolePolicy: trust("lambda.amazonaws.com"),
    });
    if (statements.length > 0) {
      await this.make("RolePolicy", "function-policy", {
        ...{ role: role.id, policy: policy(...statements) },
      });
    }
    return role;
  }
}
