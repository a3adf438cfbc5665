import { z } from "zod";
import type { CheckFailure, Values } from "../../cloud/kind";
import type { World } from "../../contracts";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { accountId, arnOf, ec2Id, filled, flag, regionOf } from "../shapes";
import { defaultsOf } from "./vpc";
import { defaultSecurityGroupType, ec2, inVpc, securityGroupType, vpcType } from "./words";

/** Characters of a group's name and of descriptions, and how many (EC2's API reference). */
const descriptive = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]*$/, "characters that AWS does not take");

const protocol = z.string().regex(/^(tcp|udp|icmp|icmpv6|all|-1|\d{1,3})$/, "no protocol");
const port = z.int().min(-1).max(65_535);

/** A rule that stands in the group itself, which the provider advises against. */
const inlineRule = z.strictObject({
  ...{ fromPort: port, toPort: port, protocol, self: flag },
  cidrBlocks: z.array(z.cidrv4()).optional(),
  ipv6CidrBlocks: z.array(z.cidrv6()).optional(),
  prefixListIds: z.array(filled).optional(),
  securityGroups: z.array(filled).optional(),
  description: descriptive.optional(),
});
const rules = z.array(inlineRule).optional();

export const securityGroup = regional({
  type: securityGroupType,
  api: ec2("Security Group", "CreateSecurityGroup", {
    ...{ update: "AuthorizeSecurityGroupIngress", named: ({ name }) => String(name) },
    codes: { 404: "InvalidVpcID.NotFound" },
  }),
  inputs: z.object({
    name: descriptive.min(1).refine((name) => !name.startsWith("sg-"), "cannot begin with sg-"),
    description: descriptive.optional(),
    vpcId: filled,
    ...{ ingress: rules, egress: rules, revokeRulesOnDelete: flag },
  }),
  immutable: ["name", "description", "vpcId"],
  autoName: "name",
  defaults: { description: "Managed by Pulumi" },
  references: [
    inVpc,
    ...["ingress", "egress"].map((list) => ({
      ...{ input: `${list}[].securityGroups[]`, type: securityGroupType },
    })),
  ],
  unique: [["vpcId", "name"]],
  conflict: ({ name, vpcId }) =>
    `The security group '${String(name)}' already exists for VPC '${String(vpcId)}'`,
  idStyle: ec2Id("sg"),
  inUse: (names) => `resource has a dependent object (${names.join(", ")})`,
  create: ({ id, inputs }) => ({
    outputs: {
      arn: arnOf("ec2", regionOf(inputs), `security-group/${id}`),
      ...{ ownerId: accountId, ...rulesOf(inputs) },
    },
  }),
  update: ({ inputs }) => ({ outputs: rulesOf(inputs) }),
});

const rulesOf = ({ ingress = [], egress = [] }: Values): Values => ({ ingress, egress });

/** AWS's own of a VPC, adopted: what is not given is taken from it. Deleting it leaves it there. */
export const defaultSecurityGroup = regional({
  type: defaultSecurityGroupType,
  api: ec2("EC2 Default Security Group", "DescribeSecurityGroups"),
  inputs: z.object({
    vpcId: filled,
    ...{ ingress: rules, egress: rules, revokeRulesOnDelete: flag },
  }),
  immutable: ["vpcId"],
  references: [{ ...inVpc, onDelete: "release" }],
  idStyle: ({ vpcId }) => defaultsOf(String(vpcId)).defaultSecurityGroupId,
  create: ({ id, inputs }) => ({
    outputs: {
      ...{ arn: arnOf("ec2", regionOf(inputs), `security-group/${id}`), name: "default" },
      ...{ description: "default VPC security group", ownerId: accountId, ...rulesOf(inputs) },
    },
  }),
  update: ({ inputs }) => ({ outputs: rulesOf(inputs) }),
});

/** What a rule is about: exactly one of them. */
const sources = ["cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId"] as const;

const rule = (direction: "Ingress" | "Egress") =>
  regional({
    type: `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`,
    api: ec2("VPC Security Group Rule", `AuthorizeSecurityGroup${direction}`, {
      ...{ update: "ModifySecurityGroupRules", delete: `RevokeSecurityGroup${direction}` },
      codes: { 404: "InvalidGroup.NotFound", 409: "InvalidPermission.Duplicate" },
    }),
    inputs: z.object({
      ...{ securityGroupId: filled, ipProtocol: protocol },
      ...{
        fromPort: port.optional(),
        toPort: port.optional(),
        description: descriptive.optional(),
      },
      ...{ cidrIpv4: z.cidrv4().optional(), cidrIpv6: z.cidrv6().optional() },
      ...{ prefixListId: filled.optional(), referencedSecurityGroupId: filled.optional() },
    }),
    immutable: ["securityGroupId"],
    references: [
      { input: "securityGroupId", type: securityGroupType, onDelete: "cascade" },
      { input: "referencedSecurityGroupId", type: securityGroupType },
    ],
    idStyle: ec2Id("sgr"),
    check: problemsOf,
    refuse: ({ cloud: { world }, inputs, id }) => {
      requireOnce(world, `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`, {
        ...{ inputs, id },
      });
    },
    create: ({ id, inputs }) => ({
      outputs: {
        arn: arnOf("ec2", regionOf(inputs), `security-group-rule/${id}`),
        securityGroupRuleId: id,
      },
    }),
  });

export const securityGroupIngressRule = rule("Ingress");
export const securityGroupEgressRule = rule("Egress");

/** What the provider refuses; of values that are not yet known, nothing. */
function problemsOf(inputs: Values): readonly CheckFailure[] {
  const given = sources.filter((name) => inputs[name] !== undefined);
  const { ipProtocol, fromPort, toPort } = inputs;
  const problems: CheckFailure[] = [];
  const [, second] = given;
  if (second !== undefined) {
    problems.push({ property: second, reason: `exactly one of ${sources.join(", ")} may be set` });
  }
  const isAll = ipProtocol === "-1" || ipProtocol === "all";
  if (isAll && (fromPort !== undefined || toPort !== undefined)) {
    problems.push({ property: "fromPort", reason: "not with all protocols, which have no ports" });
  }
  if (Number(fromPort ?? 0) > Number(toPort ?? 65_535)) {
    problems.push({ property: "toPort", reason: `less than fromPort ${String(fromPort)}` });
  }
  return problems;
}

function requireOnce(
  world: World,
  type: string,
  { inputs, id }: { readonly inputs: Values; readonly id: string },
): void {
  const about = ["securityGroupId", "ipProtocol", "fromPort", "toPort", ...sources];
  if (sources.every((name) => inputs[name] === undefined)) {
    throw new AwsError("MissingParameter", `one of ${sources.join(", ")} must be set`);
  }
  const isTcp = inputs["ipProtocol"] === "tcp" || inputs["ipProtocol"] === "udp";
  if (isTcp && (inputs["fromPort"] === undefined || inputs["toPort"] === undefined)) {
    throw new AwsError(
      "InvalidParameterValue",
      "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
    );
  }
  const twin = world
    .all(type)
    .find((one) => one.id !== id && about.every((name) => one.inputs[name] === inputs[name]));
  if (twin) {
    throw new AwsError(
      "InvalidPermission.Duplicate",
      `the specified rule "${sources.map((name) => inputs[name]).find((value) => value !== undefined) as string}, ${String(inputs["ipProtocol"])}, ${String(inputs["fromPort"])}, ALLOW" already exists`,
    );
  }
}

/** Groups that exist: those of stacks, and AWS's own of each VPC. */
export function requireGroups(world: World, ids: readonly string[]): void {
  const own = world.all(vpcType).map(({ id }) => defaultsOf(id).defaultSecurityGroupId);
  for (const id of ids) {
    if (world.get(securityGroupType, id) || own.includes(id)) continue;
    throw new AwsError("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
  }
}
