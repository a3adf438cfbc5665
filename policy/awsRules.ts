import type { RegisteredResource } from "../report/compose";
import { everywhere, unprotected, type PolicyRule } from "./rule";

const type = {
  cluster: "aws:rds/cluster:Cluster",
  instance: "aws:rds/clusterInstance:ClusterInstance",
  cache: "aws:elasticache/replicationGroup:ReplicationGroup",
  ingress: "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
  group: "aws:ec2/securityGroup:SecurityGroup",
  bucket: "aws:s3/bucket:Bucket",
  publicAccess: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  task: "aws:ecs/taskDefinition:TaskDefinition",
  service: "aws:ecs/service:Service",
  listener: "aws:lb/listener:Listener",
  distribution: "aws:cloudfront/distribution:Distribution",
  rolePolicy: "aws:iam/rolePolicy:RolePolicy",
  logGroup: "aws:cloudwatch/logGroup:LogGroup",
  vault: "aws:backup/vault:Vault",
  registry: "aws:ecr/repository:Repository",
  balancer: "aws:lb/loadBalancer:LoadBalancer",
} as const;

interface Container {
  readonly name?: unknown;
  readonly image?: unknown;
  readonly environment?: readonly { readonly name?: unknown }[];
}

/** A text of JSON; undefined where it is not known before a deploy. */
function parsed(text: unknown): unknown {
  if (typeof text !== "string") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A task's containers; undefined where they are not known before a deploy. */
const knownContainers = ({ inputs }: RegisteredResource): readonly Container[] | undefined =>
  parsed(inputs.containerDefinitions) as readonly Container[] | undefined;

const containersOf = (task: RegisteredResource): readonly Container[] =>
  knownContainers(task) ?? [];

const unseenContainers = (task: RegisteredResource): string | undefined =>
  knownContainers(task) ? undefined : "its containers";

/** Variables whose values are credentials. */
const secretVariable = /(_URL|_SECRET|_TOKEN|_PASSWORD|_KEY)$/;
/** Of these the one that everybody may read. */
const publicVariables: readonly unknown[] = ["PUBLIC_URL"];

interface Statement {
  readonly Effect?: unknown;
  readonly Action?: string | readonly string[];
  readonly Resource?: unknown;
}

/** A policy's statements; undefined where they are not known before a deploy. */
const knownStatements = ({ inputs }: RegisteredResource): readonly Statement[] | undefined =>
  (parsed(inputs.policy) as { readonly Statement?: readonly Statement[] } | undefined)?.Statement;

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** Whether a resource is a child of a component, or of one of its children. */
function isBelow(
  { parent }: RegisteredResource,
  ancestor: string,
  all: readonly RegisteredResource[],
): boolean {
  if (parent === ancestor) return true;
  const next = all.find(({ urn }) => urn === parent);
  return next !== undefined && isBelow(next, ancestor, all);
}

/** What any large stack must keep. */
export const awsRules: Readonly<Record<string, PolicyRule>> = {
  "aurora-not-public": {
    level: "mandatory",
    type: type.instance,
    check: ({ inputs }) =>
      inputs.publiclyAccessible === false ? undefined : "has an address that the internet reaches",
  },
  "aurora-encrypted": {
    level: "mandatory",
    type: type.cluster,
    check: ({ inputs }) =>
      inputs.storageEncrypted === true ? undefined : "keeps its data unencrypted",
  },
  "aurora-final-snapshot": {
    level: "mandatory",
    type: type.cluster,
    check: ({ inputs }) =>
      inputs.skipFinalSnapshot === true ? "would be deleted without a last snapshot" : undefined,
  },
  "aurora-over-two-zones": {
    level: "warning",
    type: type.cluster,
    check: ({ parent }, all) =>
      all.filter((other) => other.type === type.instance && isBelow(other, parent, all)).length > 1
        ? undefined
        : "has one instance: when it fails the site waits for another; raise drops:postgres.readers",
  },
  "cache-encrypted": {
    level: "mandatory",
    type: type.cache,
    check: ({ inputs }) =>
      inputs.transitEncryptionEnabled === true && inputs.atRestEncryptionEnabled === true
        ? undefined
        : "is not encrypted in transit and at rest",
  },
  "no-port-open-to-all": {
    level: "mandatory",
    type: type.ingress,
    check: ({ inputs }) =>
      everywhere.includes(inputs.cidrIpv4) || everywhere.includes(inputs.cidrIpv6)
        ? `lets the whole internet reach port ${String(inputs.fromPort)}`
        : undefined,
  },
  "group-rules-apart": {
    level: "mandatory",
    type: type.group,
    check: ({ inputs }) =>
      inputs.ingress === undefined && inputs.egress === undefined
        ? undefined
        : "has rules of its own beside single ones: each deploy would undo the others",
  },
  "bucket-not-public": {
    level: "mandatory",
    type: type.bucket,
    check: ({ parent }, all) => {
      const block = all.find(
        (other) => other.type === type.publicAccess && other.parent === parent,
      );
      const flags = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls"];
      return [...flags, "restrictPublicBuckets"].every((flag) => block?.inputs[flag] === true)
        ? undefined
        : "may be opened to everybody: it has no block on public access";
    },
  },
  "task-by-digest": {
    level: "mandatory",
    type: type.task,
    check: (task) => {
      const moving = containersOf(task).filter(({ image }) => !String(image).includes("@sha256:"));
      return moving.length === 0
        ? undefined
        : `runs what a tag may move under it: ${moving.map(({ name }) => String(name)).join(", ")}; name the image by its digest`;
    },
    unseen: unseenContainers,
  },
  "task-secrets-by-reference": {
    level: "mandatory",
    type: type.task,
    check: (task) => {
      const plain = containersOf(task)
        .flatMap(({ environment }) => environment ?? [])
        .map(({ name }) => name)
        .filter((name) => secretVariable.test(String(name)) && !publicVariables.includes(name));
      return plain.length === 0
        ? undefined
        : `would show ${plain.join(", ")} to whoever may look at the task: name a secret instead`;
    },
    unseen: unseenContainers,
  },
  "task-without-public-address": {
    level: "mandatory",
    type: type.service,
    check: ({ inputs }) => {
      const network = (inputs.networkConfiguration ?? {}) as { assignPublicIp?: unknown };
      return network.assignPublicIp === true
        ? "gives its tasks addresses that the internet reaches"
        : undefined;
    },
  },
  "failed-deploy-goes-back": {
    level: "mandatory",
    type: type.service,
    check: ({ inputs }) => {
      const breaker = (inputs.deploymentCircuitBreaker ?? {}) as Record<string, unknown>;
      return breaker.enable === true && breaker.rollback === true
        ? undefined
        : "would start failing tasks again and again";
    },
  },
  "distribution-behind-waf": {
    level: "mandatory",
    type: type.distribution,
    check: ({ inputs }) => (inputs.webAclId === undefined ? "has no web ACL before it" : undefined),
  },
  "permissions-narrow": {
    level: "mandatory",
    type: type.rolePolicy,
    check: (policy) => {
      const wide = (knownStatements(policy) ?? [])
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Action }) => listOf(Action))
        .filter((action) => /^(\*|\w+:\*)$/.test(String(action)));
      return wide.length === 0 ? undefined : `allows ${wide.join(", ")}: name the actions`;
    },
    unseen: (policy) => (knownStatements(policy) ? undefined : "what it allows"),
  },
  "logs-end": {
    level: "warning",
    type: type.logGroup,
    check: ({ inputs }) =>
      inputs.retentionInDays === undefined ? "keeps its lines for ever, and each costs" : undefined,
  },
  "balancer-over-tls": {
    level: "advisory",
    type: type.listener,
    check: ({ inputs }) =>
      inputs.protocol === "HTTP"
        ? "speaks plain HTTP, inside the VPC alone: a domain, or drops:certificates.balancerArn, gives it a certificate"
        : undefined,
  },
  "aurora-protected": { level: "warning", type: type.cluster, check: unprotected },
  "cache-protected": { level: "warning", type: type.cache, check: unprotected },
  "bucket-protected": {
    level: "warning",
    type: type.bucket,
    // What may go with all that is in it, such as the balancer's log, holds nothing to be missed.
    check: (bucket) => (bucket.inputs.forceDestroy === true ? undefined : unprotected(bucket)),
  },
  "vault-protected": { level: "warning", type: type.vault, check: unprotected },
  "registry-protected": { level: "warning", type: type.registry, check: unprotected },
  "balancer-protected": { level: "warning", type: type.balancer, check: unprotected },
};
