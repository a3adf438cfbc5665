import { z } from "zod";
import { albQuotas, albRuleLimits } from "../../../prices/aws";
import type { CheckFailure, Operation, Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import { regional } from "../awsKind";
import { certificateAt, isIssued } from "../edge/certificate";
import { AwsError } from "../refusal";
import { arn, filled, flag, partsOfArn, regionOf, textOf } from "../shapes";
import { action, requireActions, type Action } from "./actions";
import { elb, listenerRuleType, listenerType, loadBalancerType } from "./words";

export const listener = regional({
  type: listenerType,
  api: elb("ELBv2 Listener", "CreateListener", {
    ...{ named: ({ loadBalancerArn }) => String(loadBalancerArn) },
    codes: { 404: "LoadBalancerNotFound", 409: "DuplicateListener" },
  }),
  inputs: z.object({
    loadBalancerArn: arn("elasticloadbalancing"),
    port: z.int().min(1).max(65_535).optional(),
    protocol: z.enum(["HTTP", "HTTPS"]).optional(),
    ...{ sslPolicy: z.string().startsWith("ELBSecurityPolicy-").optional() },
    certificateArn: arn("(acm|iam)").optional(),
    defaultActions: z.array(action).min(1),
    routingHttpResponseServerEnabled: flag,
    routingHttpResponseStrictTransportSecurityHeaderValue: z.string().optional(),
  }),
  immutable: ["loadBalancerArn"],
  references: [{ input: "loadBalancerArn", type: loadBalancerType, onDelete: "cascade" }],
  unique: [["loadBalancerArn", "port"]],
  conflict: () => "A listener already exists on this port for this load balancer",
  idStyle: ({ loadBalancerArn }, cloud) =>
    `${String(loadBalancerArn).replace(":loadbalancer/", ":listener/")}/${cloud.newId("hex").slice(-16)}`,
  check: problemsOf,
  refuse: ({ inputs, cloud: { world } }) => {
    const balancer = world.get(loadBalancerType, String(inputs["loadBalancerArn"]));
    if (inputs["port"] === undefined || inputs["protocol"] === undefined) {
      throw new AwsError("ValidationError", "A port and a protocol must be specified");
    }
    requireActions(world, inputs["defaultActions"] as Action[], balancer?.outputs["vpcId"]);
    const isTls = inputs["protocol"] === "HTTPS";
    const { certificateArn } = inputs;
    if (!isTls) return;
    if (certificateArn === undefined) {
      throw new AwsError("ValidationError", "A certificate must be specified for HTTPS listeners");
    }
    requireCertificate(world, textOf(certificateArn), regionOf(inputs));
  },
  create: async (operation) => {
    await listen(operation);
    return { outputs: { arn: operation.id } };
  },
  update: async (operation) => {
    const { inputs, before } = operation;
    const isOther = ["port", "protocol", "certificateArn"].some(
      (input) => inputs[input] !== before.inputs[input],
    );
    if (isOther) await listen(operation);
    return {};
  },
  delete: async ({ id, cloud }) => {
    await cloud.services.containers.unlisten(id);
  },
});

function problemsOf({ protocol, certificateArn, sslPolicy }: Values): readonly CheckFailure[] {
  if (protocol !== "HTTP") return [];
  return Object.entries({ certificateArn, sslPolicy }).flatMap(([property, value]) =>
    value === undefined ? [] : [{ property, reason: "only for listeners with TLS" }],
  );
}

/** A certificate that the sandbox does not know of is the user's own: any of ACM is taken. */
function requireCertificate(world: World, certificateArn: string, region: string): void {
  const { service, region: place } = partsOfArn(certificateArn);
  const found = certificateAt(world, certificateArn);
  if (service === "acm" && place !== region) {
    throw new AwsError(
      "ValidationError",
      `Certificate ARN '${certificateArn}' is not valid: it is in ${place}, the listener in ${region}`,
    );
  }
  if (found && !isIssued(world, found)) {
    throw new AwsError(
      "UnsupportedCertificate",
      `The certificate '${certificateArn}' must have a fully-qualified domain name, a supported signature, and a supported key size.`,
    );
  }
}

/** Names that a listener's certificate is for; those of one that is not known here are its balancer's. */
export function certificateNames(world: World, inputs: Values): readonly string[] {
  const found = certificateAt(world, String(inputs["certificateArn"]));
  const { domainName, subjectAlternativeNames = [] } = found?.inputs ?? {};
  const balancer = world.get(loadBalancerType, String(inputs["loadBalancerArn"]));
  const names = [domainName, ...(subjectAlternativeNames as unknown[])].filter(
    (name) => typeof name === "string",
  );
  return [...new Set([...names, String(balancer?.outputs["dnsName"]), "localhost"])];
}

async function listen({ id, inputs, cloud: { world, services } }: Operation): Promise<void> {
  await services.containers.listen(id, listenerOrder(world, inputs));
}

/** What it takes to have a listener listen. */
export function listenerOrder(world: World, inputs: Values) {
  return {
    balancerArn: String(inputs["loadBalancerArn"]),
    port: Number(inputs["port"]),
    ...(inputs["protocol"] === "HTTPS" && { certificateNames: certificateNames(world, inputs) }),
  };
}

const values = z.array(filled).min(1).max(albRuleLimits.conditionValues);
const condition = z
  .strictObject({
    hostHeader: z.strictObject({ values }).optional(),
    pathPattern: z.strictObject({ values }).optional(),
    httpRequestMethod: z.strictObject({ values }).optional(),
    httpHeader: z.strictObject({ httpHeaderName: filled, values }).optional(),
    sourceIp: z.strictObject({ values }).optional(),
  })
  .refine((given) => Object.keys(given).length === 1, "exactly one condition may be set");
export type Condition = z.infer<typeof condition>;

export const listenerRule = regional({
  type: listenerRuleType,
  api: elb("ELBv2 Listener Rule", "CreateRule", {
    ...{ named: ({ listenerArn }) => String(listenerArn) },
    codes: { 404: "ListenerNotFound", 409: "PriorityInUse" },
  }),
  inputs: z.object({
    listenerArn: arn("elasticloadbalancing"),
    priority: z.int().min(1).max(50_000).optional(),
    actions: z.array(action).min(1),
    conditions: z.array(condition).min(1),
  }),
  immutable: ["listenerArn", "priority"],
  deleteBeforeReplace: true,
  references: [{ input: "listenerArn", type: listenerType, onDelete: "cascade" }],
  unique: [["listenerArn", "priority"]],
  conflict: ({ priority }) => `Priority '${String(priority)}' is currently in use`,
  idStyle: ({ listenerArn }, cloud) =>
    `${String(listenerArn).replace(":listener/", ":listener-rule/")}/${cloud.newId("hex").slice(-16)}`,
  refuse: ({ inputs, cloud: { world }, id }) => {
    const to = world.get(listenerType, String(inputs["listenerArn"]));
    const balancer = world.get(loadBalancerType, String(to?.inputs["loadBalancerArn"]));
    requireActions(world, inputs["actions"] as Action[], balancer?.outputs["vpcId"]);
    const others = world
      .all(listenerRuleType)
      .filter((one) => one.id !== id && one.inputs["listenerArn"] === to?.id);
    if (others.length >= albQuotas.rulesPerBalancer) {
      throw new AwsError("TooManyRules", "The maximum number of rules has been reached");
    }
  },
  create: ({ id, inputs, cloud: { world } }) => ({
    outputs: { arn: id, priority: inputs["priority"] ?? nextPriority(world, inputs) },
  }),
});

function nextPriority(world: World, { listenerArn }: Values): number {
  const taken = world
    .all(listenerRuleType)
    .filter((one) => one.inputs["listenerArn"] === listenerArn)
    .map((one) => Number(one.outputs["priority"] ?? one.inputs["priority"] ?? 0));
  return Math.max(0, ...taken) + 1;
}
