import { z } from "zod";
import { albLimits, albQuotas } from "../../../prices/aws";
import type { Operation, Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import { regional } from "../awsKind";
import { requireGroups } from "../network/securityGroups";
import { internetGatewayType, securityGroupType, subnetType } from "../network/words";
import { AwsError } from "../refusal";
import { arnOf, filled, flag, partsOfArn, regionOf, texts } from "../shapes";
import { requireLogBucket } from "./accessLogs";
import { elb, loadBalancerType } from "./words";

/** Of a balancer and of a target group. */
export const elbName = z
  .string()
  .min(albLimits.nameLength.low)
  .max(albLimits.nameLength.high, `cannot be longer than ${albLimits.nameLength.high} characters`)
  .regex(/^[0-9A-Za-z-]+$/, "only alphanumeric characters and hyphens allowed")
  .refine((name) => !name.startsWith("-"), "cannot begin with a hyphen")
  .refine((name) => !name.endsWith("-"), "cannot end with a hyphen")
  .refine(
    (name) => !name.startsWith(albLimits.reservedNamePrefix),
    `cannot begin with "${albLimits.reservedNamePrefix}"`,
  );

/** Hosted zones of balancers, by region, are AWS's; records of Route 53 alone use them. */
const zoneId = "Z0SANDBOXELB";

const logs = z
  .strictObject({ bucket: filled, enabled: flag, prefix: z.string().optional() })
  .optional();

const between = ({ low, high }: { readonly low: number; readonly high: number }) =>
  z.int().min(low).max(high).optional();

export const loadBalancer = regional({
  type: loadBalancerType,
  api: elb("ELBv2 application Load Balancer", "CreateLoadBalancer", {
    update: "ModifyLoadBalancerAttributes",
    codes: { 404: "SubnetNotFound" },
  }),
  inputs: z.object({
    name: elbName,
    loadBalancerType: z.enum(["application"]).optional(),
    ...{ internal: flag, subnets: texts.optional(), securityGroups: texts.optional() },
    subnetMappings: z.array(z.strictObject({ subnetId: filled })).optional(),
    ipAddressType: z.enum(["ipv4", "dualstack"]).optional(),
    idleTimeout: between(albLimits.idleTimeoutSeconds),
    clientKeepAlive: between(albLimits.clientKeepAliveSeconds),
    ...{ enableDeletionProtection: flag, enableHttp2: flag, dropInvalidHeaderFields: flag },
    ...{ enableCrossZoneLoadBalancing: flag, preserveHostHeader: flag, enableXffClientPort: flag },
    ...{ enableTlsVersionAndCipherSuiteHeaders: flag, enableWafFailOpen: flag },
    enableZonalShift: flag,
    desyncMitigationMode: z.enum(["monitor", "defensive", "strictest"]).optional(),
    xffHeaderProcessingMode: z.enum(["append", "preserve", "remove"]).optional(),
    ...{ accessLogs: logs, connectionLogs: logs },
  }),
  immutable: ["name", "internal", "loadBalancerType"],
  autoName: "name",
  references: [
    { input: "subnets[]", type: subnetType },
    { input: "securityGroups[]", type: securityGroupType },
  ],
  unique: [["region", "name"]],
  conflict: () => "A load balancer with the same name exists, but with different settings",
  quota: { most: albQuotas.balancers, dated: albQuotas.dated },
  idStyle: (inputs, cloud) =>
    arnOf(
      "elasticloadbalancing",
      regionOf(inputs),
      `loadbalancer/app/${String(inputs["name"])}/${cloud.newId("hex").slice(-16)}`,
    ),
  inUse: (names) =>
    `Load balancer cannot be deleted because it is currently in use (${names.join(", ")})`,
  recorded: (inputs) =>
    inputs["accessLogs"] === undefined
      ? "its addresses exist on paper alone: each listener is a loopback port"
      : "each listener is a loopback port; nothing writes access logs",
  refuse: (operation) => {
    requirePlace(operation);
    requireLogBucket(operation.cloud.world, operation.inputs);
  },
  create: ({ id, inputs, cloud: { world } }) => ({
    outputs: {
      ...{ arn: id, zoneId, dnsName: dnsNameOf(id, inputs) },
      arnSuffix: partsOfArn(id).resource.replace(/^loadbalancer\//, ""),
      vpcId: vpcOf(world, inputs),
      ...settingsOf(inputs),
    },
  }),
  update: ({ inputs }) => ({ outputs: settingsOf(inputs) }),
  delete: ({ before }) => {
    if (before.inputs["enableDeletionProtection"] !== true) return;
    throw new AwsError(
      "OperationNotPermitted",
      `Load balancer '${before.id}' cannot be deleted because deletion protection is enabled`,
    );
  },
});

const settingsOf = (inputs: Values): Values => ({
  idleTimeout: inputs["idleTimeout"] ?? albLimits.idleTimeoutSeconds.default,
  internal: inputs["internal"] ?? false,
});

function dnsNameOf(id: string, { name, internal, region }: Values): string {
  const digits = Number.parseInt(id.slice(-8), 16);
  const whole = `${String(name)}-${digits}.${String(region)}.elb.amazonaws.com`;
  return internal === true ? `internal-${whole}` : whole;
}

const subnetsOf = ({ subnets, subnetMappings }: Values): readonly string[] =>
  (subnets as readonly string[] | undefined) ??
  ((subnetMappings ?? []) as readonly { readonly subnetId: string }[]).map((one) => one.subnetId);

const vpcOf = (world: World, inputs: Values): string =>
  String(world.get(subnetType, subnetsOf(inputs)[0] ?? "")?.inputs["vpcId"]);

function requirePlace({ inputs, cloud: { world } }: Operation): void {
  const found = subnetsOf(inputs).map((id) => world.get(subnetType, id));
  const zones = found.map((one) => one?.outputs["availabilityZone"]);
  if (new Set(zones).size < albLimits.minZones) {
    throw new AwsError(
      "ValidationError",
      "At least two subnets in two different Availability Zones must be specified",
    );
  }
  if (new Set(zones).size < zones.length) {
    throw new AwsError(
      "InvalidConfigurationRequest",
      "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
    );
  }
  const networks = new Set(found.map((one) => String(one?.inputs["vpcId"])));
  const [vpcId, second] = networks;
  if (second !== undefined) {
    throw new AwsError("InvalidSubnet", "The subnets are in more than one VPC");
  }
  const groups = (inputs["securityGroups"] ?? []) as readonly string[];
  requireGroups(world, groups);
  if (inputs["internal"] === true) return;
  const attached = world.all(internetGatewayType).some((one) => one.inputs["vpcId"] === vpcId);
  if (!attached) {
    throw new AwsError("InvalidSubnet", `VPC ${String(vpcId)} has no internet gateway`);
  }
}
