import { z } from "zod";
import { ecsLimits } from "../../prices/aws";

const text = z.string();
const pair = z.strictObject({ name: text.min(1), value: text });
const { healthCheck } = ecsLimits;

/** A container's name, a family's: letters, digits, hyphens and underscores (ECS's API reference). */
export const ecsName = text.regex(/^[A-Za-z0-9_-]{1,255}$/, "letters, digits, - and _ alone");

/** One container of a task, as the API takes it in JSON; what the platform here acts on, and the rest. */
const container = z.strictObject({
  name: ecsName,
  image: text.min(1).max(255),
  ...{ cpu: z.int().min(0).optional(), memory: z.int().min(4).optional() },
  memoryReservation: z.int().min(4).optional(),
  essential: z.boolean().optional(),
  ...{ command: z.array(text).optional(), entryPoint: z.array(text).optional() },
  ...{ workingDirectory: text.optional(), user: text.optional() },
  environment: z.array(pair).optional(),
  secrets: z.array(z.strictObject({ name: text.min(1), valueFrom: text.min(1) })).optional(),
  portMappings: z
    .array(
      z.strictObject({
        containerPort: z.int().min(1).max(65_535),
        hostPort: z.int().min(0).max(65_535).optional(),
        protocol: z.enum(["tcp", "udp"]).optional(),
        name: text.optional(),
        appProtocol: z.enum(["http", "http2", "grpc"]).optional(),
      }),
    )
    .optional(),
  dependsOn: z
    .array(
      z.strictObject({
        containerName: text,
        condition: z.enum(["START", "COMPLETE", "SUCCESS", "HEALTHY"]),
      }),
    )
    .optional(),
  ...{ startTimeout: z.int().min(2).optional(), stopTimeout: z.int().min(0).optional() },
  repositoryCredentials: z.strictObject({ credentialsParameter: text.min(1) }).optional(),
  readonlyRootFilesystem: z.boolean().optional(),
  linuxParameters: z
    .strictObject({
      initProcessEnabled: z.boolean().optional(),
      capabilities: z
        .strictObject({ add: z.array(text).optional(), drop: z.array(text).optional() })
        .optional(),
      sharedMemorySize: z.int().optional(),
      tmpfs: z.array(z.unknown()).optional(),
    })
    .optional(),
  healthCheck: z
    .strictObject({
      command: z.array(text).min(1),
      interval: within(healthCheck.intervalSeconds),
      timeout: within(healthCheck.timeoutSeconds),
      retries: within(healthCheck.retries),
      startPeriod: within(healthCheck.startPeriodSeconds),
    })
    .optional(),
  logConfiguration: z
    .strictObject({
      logDriver: text,
      options: z.record(text, text).optional(),
      secretOptions: z.array(z.strictObject({ name: text, valueFrom: text })).optional(),
    })
    .optional(),
  ulimits: z
    .array(z.strictObject({ name: text, softLimit: z.int(), hardLimit: z.int() }))
    .optional(),
  mountPoints: z
    .array(
      z.strictObject({
        sourceVolume: text.optional(),
        containerPath: text.optional(),
        readOnly: z.boolean().optional(),
      }),
    )
    .optional(),
  volumesFrom: z.array(z.unknown()).optional(),
  systemControls: z.array(z.unknown()).optional(),
  dockerLabels: z.record(text, text).optional(),
  restartPolicy: z
    .strictObject({
      enabled: z.boolean(),
      ignoredExitCodes: z.array(z.int()).optional(),
      restartAttemptPeriod: z.int().min(60).max(1_800).optional(),
    })
    .optional(),
  versionConsistency: z.enum(["enabled", "disabled"]).optional(),
  ...{ interactive: z.boolean().optional(), pseudoTerminal: z.boolean().optional() },
});

function within({ low, high }: { readonly low: number; readonly high: number }) {
  return z.int().min(low).max(high).optional();
}

const containerList = z.array(container).min(1);
export type ContainerDefinition = z.infer<typeof container>;

/** What a task is: one revision of a definition. Services keep theirs where it is deregistered. */
export interface TaskSpec {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly region: string;
  /** Units of 1,024 to a vCPU. */
  readonly cpu: number;
  readonly executionRoleArn?: string;
  readonly taskRoleArn?: string;
  readonly containers: readonly ContainerDefinition[];
}

/** Containers of a definition; what is wrong with them where they are none. */
export function readContainers(
  json: string,
):
  | { readonly containers: readonly ContainerDefinition[]; readonly problem?: undefined }
  | { readonly containers?: undefined; readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { problem: (error as Error).message };
  }
  const read = containerList.safeParse(value);
  if (read.success) return { containers: read.data };
  const [issue] = read.error.issues;
  const where = issue?.path.map(String).join(".") ?? "";
  const keys = issue?.code === "unrecognized_keys" ? ` (${issue.keys.join(", ")})` : "";
  return { problem: `${where}${where && ": "}${issue?.message ?? ""}${keys}` };
}

export const isEssential = ({ essential = true }: ContainerDefinition): boolean => essential;
