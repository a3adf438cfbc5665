import { z } from "zod";
import { albLimits } from "../../../prices/aws";
import type { CheckFailure, Values } from "../../cloud/kind";
import { regional } from "../awsKind";
import { inVpc } from "../network/words";
import { AwsError } from "../refusal";
import { arnOf, filled, flag, partsOfArn, regionOf, textOf } from "../shapes";
import { elbName } from "./loadBalancer";
import { elb, listenerRuleType, listenerType, targetGroupType } from "./words";

const { healthCheck, slowStartSeconds, deregistrationDelaySeconds } = albLimits;

const between = ({ low, high }: { readonly low: number; readonly high: number }) =>
  z.int().min(low).max(high).optional();

const check = z.strictObject({
  enabled: flag,
  healthyThreshold: between(healthCheck.healthyThreshold),
  unhealthyThreshold: between(healthCheck.unhealthyThreshold),
  interval: between(healthCheck.intervalSeconds),
  timeout: between(healthCheck.timeoutSeconds),
  /** HTTP codes and ranges of them, e.g. "200,301-308". */
  matcher: z
    .string()
    .regex(/^[2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*$/, "codes of HTTP, e.g. 200-299")
    .optional(),
  path: z.string().max(1_024).startsWith("/").optional(),
  port: z
    .string()
    .regex(/^(traffic-port|[1-9]\d{0,4})$/, 'must be a valid port number or "traffic-port"')
    .optional(),
  protocol: z.enum(["HTTP", "HTTPS"]).optional(),
});

export const targetGroup = regional({
  type: targetGroupType,
  api: elb("ELBv2 Target Group", "CreateTargetGroup"),
  inputs: z.object({
    name: elbName,
    port: z.int().min(1).max(65_535).optional(),
    protocol: z.enum(["HTTP", "HTTPS"]).optional(),
    protocolVersion: z.enum(["HTTP1", "HTTP2", "GRPC"]).optional(),
    targetType: z.enum(["instance", "ip", "lambda", "alb"]).optional(),
    ...{ vpcId: filled.optional(), ipAddressType: z.enum(["ipv4", "ipv6"]).optional() },
    deregistrationDelay: between(deregistrationDelaySeconds),
    slowStart: z
      .int()
      .refine(
        (seconds) =>
          seconds === 0 || (seconds >= slowStartSeconds.low && seconds <= slowStartSeconds.high),
        `0, or ${slowStartSeconds.low} to ${slowStartSeconds.high} seconds`,
      )
      .optional(),
    loadBalancingAlgorithmType: z.enum(albLimits.algorithms).optional(),
    loadBalancingAnomalyMitigation: z.enum(["on", "off"]).optional(),
    loadBalancingCrossZoneEnabled: z
      .enum(["true", "false", "use_load_balancer_configuration"])
      .optional(),
    stickiness: z
      .strictObject({
        type: z.enum(["lb_cookie", "app_cookie"]),
        enabled: flag,
        cookieDuration: between(albLimits.stickinessSeconds),
        cookieName: filled.optional(),
      })
      .optional(),
    healthCheck: check.optional(),
  }),
  immutable: [
    ...["name", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"],
  ],
  autoName: "name",
  references: [inVpc],
  unique: [["region", "name"]],
  conflict: () => "A target group with the same name exists, but with different settings",
  idStyle: (inputs, cloud) =>
    arnOf(
      "elasticloadbalancing",
      regionOf(inputs),
      `targetgroup/${String(inputs["name"])}/${cloud.newId("hex").slice(-16)}`,
    ),
  check: problemsOf,
  refuse: ({ inputs }) => {
    const type = inputs["targetType"] ?? "instance";
    for (const input of ["port", "protocol", "vpcId"]) {
      if (type === "lambda" || inputs[input] !== undefined) continue;
      throw new AwsError(
        "ValidationError",
        `A ${input === "vpcId" ? "VPC ID" : input} must be specified for a target group of type ${textOf(type)}`,
      );
    }
    if (inputs["loadBalancingAlgorithmType"] === "weighted_random" && inputs["slowStart"]) {
      throw new AwsError("InvalidConfigurationRequest", "weighted_random allows no slow start");
    }
    if (
      inputs["loadBalancingAlgorithmType"] === "least_outstanding_requests" &&
      Number(inputs["slowStart"] ?? 0) > 0
    ) {
      throw new AwsError(
        "InvalidConfigurationRequest",
        "least_outstanding_requests allows no slow start",
      );
    }
  },
  create: ({ id, inputs }) => ({
    outputs: {
      ...{ arn: id, arnSuffix: partsOfArn(id).resource, loadBalancerArns: [] },
      ...settingsOf(inputs),
    },
  }),
  update: ({ inputs }) => ({ outputs: settingsOf(inputs) }),
  delete: ({ id, cloud: { world } }) => {
    const users = [...world.all(listenerType), ...world.all(listenerRuleType)].filter(
      ({ inputs }) => JSON.stringify(inputs).includes(`"${id}"`),
    );
    if (users.length === 0) return;
    throw new AwsError(
      "ResourceInUse",
      `Target group '${id}' is currently in use by a listener or a rule`,
    );
  },
});

const settingsOf = (inputs: Values): Values => ({
  deregistrationDelay: inputs["deregistrationDelay"] ?? deregistrationDelaySeconds.default,
  loadBalancingAlgorithmType: inputs["loadBalancingAlgorithmType"] ?? "round_robin",
});

function problemsOf({ healthCheck: given }: Values): readonly CheckFailure[] {
  const { interval, timeout } = (given ?? {}) as z.infer<typeof check>;
  const wait = timeout ?? healthCheck.timeoutSeconds.default;
  return interval !== undefined && interval <= wait
    ? [{ property: "healthCheck.interval", reason: `must be more than the timeout, ${wait} s` }]
    : [];
}

/** A health check with every number in it. */
export function healthCheckOf(inputs: Values) {
  const given = (inputs["healthCheck"] ?? {}) as z.infer<typeof check>;
  return {
    path: given.path ?? "/",
    port: given.port ?? "traffic-port",
    matcher: given.matcher ?? "200",
    intervalSeconds: given.interval ?? healthCheck.intervalSeconds.default,
    timeoutSeconds: given.timeout ?? healthCheck.timeoutSeconds.default,
    healthyThreshold: given.healthyThreshold ?? healthCheck.healthyThreshold.default,
    unhealthyThreshold: given.unhealthyThreshold ?? healthCheck.unhealthyThreshold.default,
  };
}

/** Whether a status is among the codes of a matcher, e.g. "200,301-308". */
export function isMatch(matcher: string, status: number): boolean {
  return matcher.split(",").some((part) => {
    const [low = 0, high = low] = part.split("-").map(Number);
    return status >= low && status <= high;
  });
}
