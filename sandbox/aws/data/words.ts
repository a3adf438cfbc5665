import type { Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import type { ApiWords } from "../awsKind";
import { AwsError } from "../refusal";

type Words = Partial<Omit<ApiWords, "codes">> & {
  /** Of a name that is taken, and of what is still in use. */
  readonly taken?: string;
  /** Of a reference to nothing. */
  readonly missing?: string;
  /** Of too many. */
  readonly quota?: string;
};

const service =
  (sdk: string) =>
  (noun: string, create: string, { taken, missing, quota, ...more }: Words = {}): ApiWords => ({
    ...{ noun, sdk, create, update: create.replace(/^Create/, "Modify") },
    ...more,
    codes: {
      ...(taken !== undefined && { 409: taken }),
      ...(missing !== undefined && { 404: missing }),
      ...(quota !== undefined && { 422: quota }),
    },
  });

/** How each service is asked, and what it calls its refusals. */
export const rds = service("RDS");
export const elasticache = service("ElastiCache");
export const s3 = service("S3");
export const kms = service("KMS");
export const backup = service("Backup");

/** Of these the client library has no types, so that it says more of them. */
export const invalidValue = (message: string): AwsError =>
  new AwsError("api error InvalidParameterValue", message);
export const invalidCombination = (message: string): AwsError =>
  new AwsError("api error InvalidParameterCombination", message);

/** What stands in brackets while something is created that is named by another input than `name`. */
export const namedBy =
  (input: string) =>
  (inputs: Values): string | undefined => {
    const value = inputs[input];
    return typeof value === "string" ? value : undefined;
  };

export const subnetGroupType = "aws:rds/subnetGroup:SubnetGroup";
export const clusterParameterGroupType = "aws:rds/clusterParameterGroup:ClusterParameterGroup";
export const parameterGroupType = "aws:rds/parameterGroup:ParameterGroup";
export const clusterType = "aws:rds/cluster:Cluster";
export const clusterInstanceType = "aws:rds/clusterInstance:ClusterInstance";
/** No stack has registered one: a cluster leaves it. */
export const clusterSnapshotType = "aws:rds/clusterSnapshot:ClusterSnapshot";
export const proxyType = "aws:rds/proxy:Proxy";
export const cacheSubnetGroupType = "aws:elasticache/subnetGroup:SubnetGroup";
export const cacheParameterGroupType = "aws:elasticache/parameterGroup:ParameterGroup";
export const replicationGroupType = "aws:elasticache/replicationGroup:ReplicationGroup";
export const cacheSnapshotType = "aws:elasticache/snapshot:Snapshot";
export const bucketType = "aws:s3/bucket:Bucket";
export const keyType = "aws:kms/key:Key";
export const vaultType = "aws:backup/vault:Vault";
export const planType = "aws:backup/plan:Plan";
export const roleType = "aws:iam/role:Role";
export const secretType = "aws:secretsmanager/secret:Secret";
export const logGroupType = "aws:cloudwatch/logGroup:LogGroup";

/** The resource of a type that has a name (or another input), or undefined. */
export const named = (world: World, type: string, name: unknown, input = "name") =>
  world.all(type).find((one) => one.inputs[input] === name);

/** A key, where one is named by its ARN; keys of AWS's own are no resources here. */
export const keyOf = (input: string) => ({
  ...{ input, type: keyType, property: "arn" },
  or: { type: "aws:kms/alias:Alias", property: "arn" },
  when: (given: Values) => !String(given[input]).includes("alias/aws/"),
});
