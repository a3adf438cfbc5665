import { record, type Answer, type RegisteredResource } from "../../../report/compose";
import type { EcsTaskArgs } from "../ecsTask";

const account = "arn:aws:ecs:us-east-1:123456789012";

/** What AWS would answer, as far as another resource asks for it. */
export const answer: Answer = (type, name) => ({
  id: `${name}-id`,
  outputs: {
    "aws:ecs/taskDefinition:TaskDefinition": {
      arn: `${account}:task-definition/drops-test-web:7`,
    },
    "aws:ecs/cluster:Cluster": { arn: `${account}:cluster/drops-test` },
    "aws:secretsmanager/secretVersion:SecretVersion": { versionId: `${name}-1` },
  }[type] ?? { arn: `arn:of:${name}` },
});

/** The resources of AWS that `body` makes, as a deploy would have them. */
export async function deployed(body: () => void): Promise<readonly RegisteredResource[]> {
  const program = {
    prepare: () => undefined,
    compose: () => {
      body();
      return { outputs: {} };
    },
  };
  const { resources } = await record("test", { values: {}, secretKeys: [] }, program, answer);
  return resources.filter(({ type }) => type.startsWith("aws:"));
}

/** Why `body` refuses to make anything; a stack that fails would take the test's process with it. */
export async function refusal(body: () => void): Promise<string> {
  let words = "nothing was refused";
  const resources = await deployed(() => {
    try {
      body();
    } catch (error) {
      words = error instanceof Error ? error.message : String(error);
    }
  });
  return resources.length === 0 ? words : `${words}, after ${resources.length} were made`;
}

/** The one resource of this logical name. */
export function named(resources: readonly RegisteredResource[], name: string): RegisteredResource {
  const [found, ...others] = resources.filter((one) => one.name === name);
  if (!found || others.length > 0) throw new Error(`not one resource has the name ${name}`);
  return found;
}

/** A JSON document among the inputs of a resource. */
export function json(resource: RegisteredResource, input: string): unknown {
  return JSON.parse(resource.inputs[input] as string);
}

export interface Statement {
  readonly Sid: string;
  readonly Action: readonly string[];
  readonly Resource: unknown;
}

/** What a policy of this logical name allows. */
export function statements(
  resources: readonly RegisteredResource[],
  name: string,
): readonly Statement[] {
  return (json(named(resources, name), "policy") as { Statement: Statement[] }).Statement;
}

/** The containers of the task definition of this logical name. */
export function containers(
  resources: readonly RegisteredResource[],
  name: string,
): readonly Readonly<Record<string, unknown>>[] {
  return json(named(resources, name), "containerDefinitions") as Record<string, unknown>[];
}

export const image = `123456789012.dkr.ecr.us-east-1.amazonaws.com/drops@sha256:${"a".repeat(64)}`;

const url = {
  arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:url-AbCdEf",
  versionId: "v-1",
};

export const webTask: EcsTaskArgs = {
  spec: {
    family: "drops-test-web",
    cpuUnits: 1_024,
    memoryMib: 2_048,
    containers: [{ name: "web", port: 3_000 }],
    stopSeconds: 120,
    logRetentionDays: 30,
    exec: false,
  },
  region: "us-east-1",
  image,
  repositoryArn: "arn:aws:ecr:us-east-1:123456789012:repository/drops",
  environment: {
    web: {
      plain: { PORT: "3000", DROPS_TIER: "large", PUBLIC_URL: undefined },
      secret: { REDIS_URL: undefined, DATABASE_URL: url },
    },
  },
};

const owner = {
  arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:own-AbCdEf",
  versionId: "v-2",
};

/** Roles first, then the migration. */
export const migrateTask: EcsTaskArgs = {
  ...webTask,
  spec: {
    ...webTask.spec,
    family: "drops-test-migrate",
    containers: [
      { name: "roles", command: ["node", "dist/roles.js"], essential: false },
      { name: "migrate", command: ["node", "dist/migrate.js"], after: "roles" },
    ],
  },
  environment: {
    roles: { plain: {}, secret: { DATABASE_URL: url, MIGRATION_DATABASE_URL: owner } },
    migrate: { plain: { APP_ROLE: "drops_app" }, secret: { MIGRATION_DATABASE_URL: owner } },
  },
};
