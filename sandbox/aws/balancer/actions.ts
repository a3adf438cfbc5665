import { z } from "zod";
import type { World } from "../../contracts";
import { AwsError } from "../refusal";
import { arn, filled, flag } from "../shapes";
import { targetGroupType } from "./words";

const weight = z.int().min(0).max(999).optional();

const fixedResponse = z.strictObject({
  contentType: z.enum([
    ...(["text/plain", "text/css", "text/html", "application/javascript"] as const),
    "application/json",
  ]),
  messageBody: z.string().max(1_024).optional(),
  statusCode: z
    .string()
    .regex(/^[245]\d\d$/, "a code of HTTP: 2XX, 4XX or 5XX")
    .optional(),
});

const redirect = z.strictObject({
  statusCode: z.enum(["HTTP_301", "HTTP_302"]),
  ...{ host: z.string().max(128).optional(), path: z.string().max(128).optional() },
  ...{ port: filled.optional(), query: z.string().max(128).optional() },
  protocol: z.enum(["HTTP", "HTTPS", "#{protocol}"]).optional(),
});

/** What is done with a request, by a listener or one of its rules. */
export const action = z
  .strictObject({
    type: z.enum(["forward", "fixed-response", "redirect"]),
    order: z.int().min(1).max(50_000).optional(),
    targetGroupArn: arn("elasticloadbalancing").optional(),
    forward: z
      .strictObject({
        targetGroups: z
          .array(z.strictObject({ arn: arn("elasticloadbalancing"), weight }))
          .min(1)
          .max(5),
        stickiness: z
          .strictObject({ duration: z.int().min(1).max(604_800), enabled: flag })
          .optional(),
      })
      .optional(),
    ...{ fixedResponse: fixedResponse.optional(), redirect: redirect.optional() },
  })
  .superRefine((given, context) => {
    const { type, forward, fixedResponse: fixed, redirect: to } = given;
    if (type === "fixed-response" && !fixed) refuse("fixedResponse");
    if (type === "redirect" && !to) refuse("redirect");
    if (type !== "forward" && (forward ?? given.targetGroupArn) !== undefined) {
      context.addIssue({ code: "custom", message: `${type} leads to no target group` });
    }

    function refuse(input: string): void {
      context.addIssue({ code: "custom", path: [input], message: `required for type ${type}` });
    }
  });

export type Action = z.infer<typeof action>;

/** Target groups of an action, with their shares. */
export function groupsOf({ targetGroupArn, forward }: Action) {
  return targetGroupArn === undefined
    ? (forward?.targetGroups ?? []).map(({ arn: group, weight: share = 1 }) => ({ group, share }))
    : [{ group: targetGroupArn, share: 1 }];
}

/** @throws AwsError where an action leads to no target group that there is. */
export function requireActions(world: World, actions: readonly Action[], balancerVpc: unknown) {
  for (const one of actions) {
    if (one.type !== "forward") continue;
    const groups = groupsOf(one);
    if (groups.length === 0) {
      throw new AwsError(
        "ValidationError",
        "A target group must be specified for a forward action",
      );
    }
    for (const { group } of groups) {
      const found = world.get(targetGroupType, group);
      if (!found) {
        throw new AwsError("TargetGroupNotFound", `Target groups '${group}' not found`);
      }
      if (found.inputs["vpcId"] !== balancerVpc) {
        throw new AwsError(
          "InvalidTarget",
          `The target group '${group}' is in another VPC than the load balancer`,
        );
      }
    }
  }
}
