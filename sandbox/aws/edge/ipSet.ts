import { isIP } from "node:net";
import { z } from "zod";
import { wafLimits } from "../../../prices/aws";
import type { World } from "../../contracts";
import { loadBalancerType } from "../balancer/words";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arn } from "../shapes";
import { ipSetType, webAclType } from "./types";
import { innerOf, invalid, requireScope, wafArn } from "./webAcl";
import { description, type StatementInputs, wafName, type WebAclInputs } from "./webAclInputs";

/** Networks of one set. */
const MOST = 10_000;

const inputs = z.object({
  name: wafName.optional(),
  description,
  scope: z.enum(wafLimits.scopes),
  ipAddressVersion: z.enum(["IPV4", "IPV6"]),
  addresses: z.array(z.string()).max(MOST).optional(),
});
type Inputs = z.infer<typeof inputs>;

export const ipSet = regional({
  type: ipSetType,
  inputs,
  immutable: ["name", "scope", "ipAddressVersion"],
  autoName: "name",
  unique: [["name", "scope", "region"]],
  conflict: () =>
    "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one.",
  idStyle: "uuid",
  api: {
    ...{ noun: "WAFv2 IPSet", sdk: "WAFV2", create: "CreateIPSet" },
    ...{ update: "UpdateIPSet", delete: "DeleteIPSet" },
  },
  refuse: ({ inputs: given }) => {
    requireScope(given);
    const { addresses = [], ipAddressVersion } = given as Inputs;
    const wrong = addresses.find((address) => !isNetwork(address, ipAddressVersion));
    if (wrong !== undefined) {
      throw invalid(
        `The parameter contains formatting that is not valid., field: IP_ADDRESS, parameter: ${wrong}: an ${ipAddressVersion} network such as ${ipAddressVersion === "IPV4" ? "192.0.2.0/24" : "2001:db8::/32"}`,
      );
    }
  },
  create: ({ id, inputs: given, cloud }) => ({
    outputs: { arn: wafArn(given, "ipset", id), lockToken: cloud.newId("uuid") },
  }),
  update: ({ cloud }) => ({ outputs: { lockToken: cloud.newId("uuid") } }),
  delete: ({ before, cloud: { world } }) => {
    const user = aclWith(world, before.outputs["arn"]);
    if (user === undefined) return;
    throw new AwsError(
      "WAFAssociatedItemException",
      `AWS WAF couldn't perform the operation because your resource is being used by ${user}.`,
    );
  },
});

/** A network with its prefix, which WAF wants even of one address; all zeroes is none. */
function isNetwork(text: string, version: Inputs["ipAddressVersion"]): boolean {
  const [address = "", prefix, ...more] = text.split("/");
  const family = version === "IPV4" ? 4 : 6;
  const most = family === 4 ? 32 : 128;
  return (
    more.length === 0 &&
    isIP(address) === family &&
    prefix !== undefined &&
    /^\d{1,3}$/.test(prefix) &&
    Number(prefix) >= 1 &&
    Number(prefix) <= most
  );
}

function aclWith(world: World, set: unknown): string | undefined {
  const names = (statement: StatementInputs): boolean =>
    statement.ipSetReferenceStatement?.arn === set || innerOf(statement).some(names);
  const found = world
    .all(webAclType)
    .find(({ inputs: { rules = [] } }) =>
      (rules as NonNullable<WebAclInputs["rules"]>).some(({ statement }) => names(statement)),
    );
  return found?.urn.split("::").at(-1);
}

const associationInputs = z.object({ resourceArn: arn(), webAclArn: arn("wafv2") });

/** Puts an ACL of a region before a balancer; nothing evaluates it there. */
export const webAclAssociation = regional({
  type: "aws:wafv2/webAclAssociation:WebAclAssociation",
  tagged: false,
  inputs: associationInputs,
  immutable: ["resourceArn", "webAclArn"],
  references: [
    { input: "webAclArn", type: webAclType, property: "arn" },
    { input: "resourceArn", type: loadBalancerType, property: "arn", onDelete: "cascade" },
  ],
  unique: [["resourceArn"]],
  idStyle: ({ webAclArn, resourceArn }) => `${String(webAclArn)},${String(resourceArn)}`,
  recorded: "a balancer's requests meet no web ACL here; CloudFront's do",
  api: {
    ...{ noun: "WAFv2 WebACL Association", sdk: "WAFV2", create: "AssociateWebACL" },
    ...{ delete: "DisassociateWebACL", named: () => undefined },
  },
  refuse: ({ inputs: given, cloud: { world } }) => {
    const acl = world.all(webAclType).find(({ outputs }) => outputs["arn"] === given["webAclArn"]);
    if (acl?.inputs["scope"] === "REGIONAL") return;
    throw invalid("The ARN isn't valid: an ACL of CloudFront is named by the distribution");
  },
});
