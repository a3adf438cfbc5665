import { isIP } from "node:net";
import { z } from "zod";
import { healthCheckLimits } from "../../../prices/aws";
import type { CheckFailure } from "../../cloud/kind";
import { global } from "../awsKind";
import { AwsError } from "../refusal";

const healthCheckType = "aws:route53/healthCheck:HealthCheck";

/** Health checks of an account, by default (quotas of Route 53). */
const MOST = 200;
/** Of a list of regions. */
const fewestRegions = 3;

const { failureThreshold, intervalSeconds, endpointTypes, regions } = healthCheckLimits;

const inputs = z.object({
  type: z.enum(endpointTypes),
  fqdn: z.string().max(255).optional(),
  ipAddress: z
    .string()
    .refine((text) => isIP(text) !== 0, "expected an IP address")
    .optional(),
  port: z.int().min(1).max(65_535).optional(),
  resourcePath: z.string().max(255).optional(),
  searchString: z.string().max(255).optional(),
  requestInterval: z
    .int()
    .refine((seconds) => (intervalSeconds as readonly number[]).includes(seconds), {
      error: () => `one of ${intervalSeconds.join(", ")}`,
    })
    .optional(),
  failureThreshold: z.int().min(failureThreshold.low).max(failureThreshold.high).optional(),
  measureLatency: z.boolean().optional(),
  enableSni: z.boolean().optional(),
  invertHealthcheck: z.boolean().optional(),
  disabled: z.boolean().optional(),
  regions: z.array(z.enum(regions)).min(fewestRegions).optional(),
  referenceName: z.string().max(27).optional(),
});
type Inputs = z.infer<typeof inputs>;

/** Watches a name or an address from outside. Those of other checks or alarms are not taken. */
export const healthCheck = global({
  type: healthCheckType,
  inputs,
  immutable: ["type", "requestInterval", "measureLatency", "referenceName"],
  defaults: { disabled: false, measureLatency: false },
  idStyle: "uuid",
  recorded: "AWS's checkers cannot see this machine, so its metrics have no points",
  api: {
    ...{ noun: "Route53 Health Check", sdk: "Route 53", create: "CreateHealthCheck" },
    named: () => undefined,
  },
  check: (given) => problems(given as Inputs),
  refuse: ({ inputs: given, cloud: { world }, before }) => {
    if (!before && world.all(healthCheckType).length >= MOST) {
      throw new AwsError("TooManyHealthChecks", `An account has ${MOST} health checks.`);
    }
    const { fqdn, ipAddress, type, searchString } = given as Inputs;
    const invalid = (message: string) =>
      new AwsError("InvalidInput", `Invalid parameter: ${message}`);
    if (fqdn === undefined && ipAddress === undefined) {
      throw invalid("A health check needs a fully qualified domain name or an IP address");
    }
    if (type.endsWith("_STR_MATCH") !== (searchString !== undefined && searchString !== "")) {
      throw invalid("searchString goes with the types that match a string, and only with them");
    }
    if (type === "TCP" && (given as Inputs).resourcePath !== undefined) {
      throw invalid("a check of TCP has no path");
    }
  },
  create: ({ id }) => ({ outputs: { arn: `arn:aws:route53:::healthcheck/${id}` } }),
});

function problems({ type, port }: Inputs): readonly CheckFailure[] {
  return type === "TCP" && port === undefined
    ? [{ property: "port", reason: "a check of TCP needs a port" }]
    : [];
}
