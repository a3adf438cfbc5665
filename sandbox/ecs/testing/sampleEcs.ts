import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { newContainers } from "..";
import { trustPolicy } from "../../../components/iam/trustPolicy";
import { ImageRegistry } from "../../apps/images";
import { ask, type Answer } from "../../apps/testing/ask";
import { programs } from "../../apps/testing/sampleApps";
import { newNetwork } from "../../aws/testing/network";
import { AwsTestCloud } from "../../aws/testing/testCloud";
import { openAuthority } from "../../certificates";
import type { Values } from "../../cloud/kind";
import type { Containers } from "../../containers/contract";
import type { CertificateAuthority, CloudResource, ServiceStatus } from "../../contracts";
import type { EcsTiming } from "../timing";
import { allow, policy } from "./policies";

/** Short ones: nothing here waits for a person. */
const timing = {
  ...{ checkPauseMs: 100, livenessPauseMs: 100, healthyMs: 3_000, settleMs: 200 },
  ...{ drainMs: 300, graceMs: 1_000, jobMs: 5_000, restart: { minMs: 100, maxMs: 500 } },
  ...{ steadyMs: 20_000, lookMs: 50 },
  autoscaling: { sampleMs: 200, upMs: 600, downMs: 800 },
};

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

  /** As another cloud does, after this one has ended; or one with less patience. */
  reopen(change: Partial<EcsTiming> = {}): Containers {
    this.containers = newContainers({
      directory: join(this.directory, "containers"),
      imageFile: join(this.directory, "images.json"),
      ...{ world: this.cloud.world, authority: this.authority },
      timing: { ...timing, ...change },
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
    const { vpc, subnets } = await newNetwork(this.cloud);
    const [a, b, c] = subnets as [CloudResource, CloudResource, CloudResource];
    Object.assign(this.made, { vpc, "private-a": a, "private-b": b, "private-c": c });
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
    await this.make("Role", "execution", {
      assumeRolePolicy: trustPolicy("ecs-tasks.amazonaws.com"),
    });
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

  /** A definition of a version of the app, as a service runs it. */
  async version(name: string, image = this.image()): Promise<CloudResource> {
    return await this.define(name, [this.container(image, name)]);
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
    const { host, port: local, tls } = target;
    const { certificate: ca } = this.authority;
    return await ask({ host, port: local, path, headers, tls, ca, servername: "localhost" });
  }

  /** Role that lambda may assume, with these statements. */
  async functionRole(...statements: readonly object[]): Promise<CloudResource> {
    const role = await this.make("Role", "function-role", {
      assumeRolePolicy: trustPolicy("lambda.amazonaws.com"),
    });
    if (statements.length > 0) {
      await this.make("RolePolicy", "function-policy", {
        ...{ role: role.id, policy: policy(...statements) },
      });
    }
    return role;
  }
}
