import { afterEach, beforeEach, expect, it } from "vitest";
import { AppBalancer } from "../../components/compute/appBalancer";
import { EcsCluster } from "../../components/compute/ecsCluster";
import { EcsService } from "../../components/compute/ecsService";
import { EcsTask, type EcsTaskSpec } from "../../components/compute/ecsTask";
import { Migration } from "../../components/compute/migration";
import { Registry } from "../../components/compute/registry";
import { AwsEndpoints } from "../../components/network/awsEndpoints";
import { AwsSecurityGroups } from "../../components/network/awsSecurityGroups";
import { AwsVpc, type AwsVpcSpec } from "../../components/network/awsVpc";
import { StoredSecret } from "../../components/secrets/storedSecret";
import { deployProgram } from "./testing/deployProgram";
import { AwsTestCloud } from "./testing/testCloud";

let cloud: AwsTestCloud;
beforeEach(() => {
  cloud = new AwsTestCloud({
    region: "us-east-1",
    defaultTags: JSON.stringify({ tags: { "drops:stack": "large" } }),
  });
});
afterEach(() => {
  cloud.close();
});

const networkSpec: AwsVpcSpec = {
  ...{ name: "drops-large", zones: ["us-east-1a", "us-east-1b", "us-east-1c"] },
  ...{ cidr: "10.130.0.0/16", natGateways: 2, flowLogs: "rejected", flowLogRetentionDays: 30 },
};
const groupsSpec = {
  ...{ name: "drops-large", balancerFrom: { cidrs: ["10.130.0.0/19"] }, balancerPort: 80 },
  ...{ appPort: 3000, proxy: true, endpoints: true, database: true, cache: true },
};
const balancerSpec = {
  ...{ name: "drops-large", internal: true, tls: false, port: 3000, healthPath: "/readyz" },
  ...{ idleTimeoutSeconds: 120, deregistrationSeconds: 60, protect: false, logs: true },
};
const taskSpec = (family: string, containers: EcsTaskSpec["containers"]): EcsTaskSpec => ({
  ...{ family, cpuUnits: 1_024, memoryMib: 2_048, containers, stopSeconds: 120 },
  ...{ logRetentionDays: 30, exec: false },
});

/** All that runs the app, as the stack puts it together. */
function everything() {
  const network = new AwsVpc("network", { spec: networkSpec });
  const groups = new AwsSecurityGroups("groups", { spec: groupsSpec, vpcId: network.vpcId });
  new AwsEndpoints("endpoints", {
    spec: { name: "drops-large", region: "us-east-1", exec: false },
    ...{ vpcId: network.vpcId, subnetIds: network.privateSubnetIds },
    securityGroupId: groups.endpointsId!,
  });
  const balancer = new AppBalancer("balancer", {
    ...{ spec: balancerSpec, vpcId: network.vpcId, subnetIds: network.privateSubnetIds },
    securityGroupId: groups.balancerId,
  });
  const registry = new Registry("registry", {
    spec: { name: "drops-large", keepImages: 20, protect: false },
  });
  const secret = new StoredSecret("database-url", {
    ...{ spec: { description: "Where the database is", recoveryDays: 7 }, value: "postgresql://x" },
  });
  const cluster = new EcsCluster("cluster", { spec: { name: "drops-large" } });
  const environment = { plain: { NODE_ENV: "production" }, secret: { DATABASE_URL: secret } };
  const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/drops-large@${cloud.image}`;
  const shared = { region: "us-east-1", image, repositoryArn: registry.repositoryArn };
  const place = {
    ...{ cluster, subnetIds: network.privateSubnetIds, securityGroupIds: [groups.appId] },
  };
  const migrate = new EcsTask("migrate", {
    spec: taskSpec("drops-large-migrate", [
      { name: "roles", command: ["node", "dist/roles.js"], essential: false },
      { name: "migrate", command: ["node", "dist/migrate.js"], after: "roles" },
    ]),
    ...{ ...shared, environment: { roles: environment, migrate: environment } },
  });
  const migration = new Migration(
    "migrate-run",
    {
      spec: { name: "drops-large-migrate", timeoutSeconds: 840, logRetentionDays: 30 },
      ...{ ...place, task: migrate },
    },
    { dependsOn: [...network.ready] },
  );
  const web = new EcsTask("web", {
    ...{ spec: taskSpec("drops-large-web", [{ name: "web", port: 3000 }]), ...shared },
    environment: { web: environment },
  });
  const service = new EcsService(
    "web",
    {
      spec: {
        ...{ name: "web", kind: "service", minTasks: 3, maxTasks: 12, cpuPercent: 60 },
        ...{ memoryPercent: 70, requestsPerTarget: 30_000, healthGraceSeconds: 60 },
      },
      ...{ ...place, task: web, balancer },
    },
    { dependsOn: [...migration.ready] },
  );
  return service.ready[0]!.urn;
}

it("takes all that the components of network and compute register", async () => {
  await deployProgram(cloud, everything);
  const orders = cloud.calls.filter(([name]) => name === "containers.deployService");
  expect(orders).toEqual([
    [
      "containers.deployService",
      "arn:aws:ecs:us-east-1:123456789012:service/drops-large/web",
      expect.objectContaining({
        ...{ desiredCount: 3, healthGraceSeconds: 60, force: false },
        ...{ minimumHealthyPercent: 100, maximumPercent: 200 },
        circuitBreaker: { enable: true, rollback: true },
      }),
    ],
  ]);
  const invoked = cloud.calls.filter(([name]) => name === "containers.invoke");
  expect(invoked).toEqual([
    [
      ...[
        "containers.invoke",
        "arn:aws:lambda:us-east-1:123456789012:function:drops-large-migrate",
      ],
      expect.stringMatching(
        /^\{"taskDefinition":"arn:aws:ecs:.*:task-definition\/drops-large-migrate:\d+"\}$/,
      ),
    ],
  ]);
  const tags = cloud.world.all("aws:ec2/vpc:Vpc").map(({ inputs }) => inputs["tagsAll"]);
  expect(tags).toEqual([{ "drops:stack": "large", Name: "drops-large" }]);
});
