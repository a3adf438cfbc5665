import {
  findManagedRuleGroup,
  globalRegion,
  ipSetWcu,
  rateRuleWcu,
  wafCapacity,
} from "../../../prices/aws";
import type { Operation } from "../../cloud/kind";
import type { World } from "../../contracts";
import { regional } from "../awsKind";
import { AwsError } from "../refusal";
import { arnOf, regionOf } from "../shapes";
import { ipSetType, webAclType } from "./types";
import {
  type RuleInputs,
  type StatementInputs,
  type WebAclInputs,
  webAclInputs,
} from "./webAclInputs";

/** Capacity of looking for a text, by where it is looked for (WAF's guide, "String match"). */
const textWcu = { anchored: 2, anywhere: 10 };
/** Capacity of each way in which a text is changed before it is compared. */
const transformationWcu = 10;

export const webAcl = regional({
  type: webAclType,
  inputs: webAclInputs,
  immutable: ["name", "scope"],
  autoName: "name",
  unique: [["name", "scope", "region"]],
  conflict: () =>
    "AWS WAF couldn't perform the operation because some resource in your request is a duplicate of an existing one.",
  idStyle: "uuid",
  inUse: (names) =>
    `AWS WAF couldn't perform the operation because your resource is being used by ${names.join(", ")}.`,
  api: {
    noun: "WAFv2 WebACL",
    sdk: "WAFV2",
    create: "CreateWebACL",
    update: "UpdateWebACL",
    delete: "DeleteWebACL",
  },
  recorded: (given) => {
    const { rules = [] } = given as WebAclInputs;
    const groups = rules.flatMap(
      ({ statement }) => statement.managedRuleGroupStatement?.name ?? [],
    );
    return groups.length === 0
      ? undefined
      : `AWS's managed groups are not evaluated (${groups.join(", ")}); addresses, texts and rates are`;
  },
  refuse: (operation) => {
    requireScope(operation.inputs);
    requireRules(operation);
  },
  create: ({ id, inputs, cloud }) => ({
    outputs: {
      arn: wafArn(inputs, "webacl", id),
      capacity: capacityOf(inputs as WebAclInputs),
      applicationIntegrationUrl: "",
      lockToken: cloud.newId("uuid"),
    },
  }),
  update: ({ inputs, cloud }) => ({
    outputs: { capacity: capacityOf(inputs as WebAclInputs), lockToken: cloud.newId("uuid") },
  }),
});

/** What is for CloudFront lives in one region, and its ARN says "global". */
export function wafArn(inputs: Operation["inputs"], what: string, id: string): string {
  const place = inputs["scope"] === "CLOUDFRONT" ? "global" : "regional";
  return arnOf("wafv2", regionOf(inputs), `${place}/${what}/${String(inputs["name"])}/${id}`);
}

export function requireScope(inputs: Operation["inputs"]): void {
  if (inputs["scope"] !== "CLOUDFRONT" || regionOf(inputs) === globalRegion) return;
  throw invalid(
    `The scope is not valid., field: SCOPE_VALUE, parameter: CLOUDFRONT: it is for ${globalRegion} alone, got ${regionOf(inputs)}`,
  );
}

export const invalid = (message: string): AwsError =>
  new AwsError("WAFInvalidParameterException", `Error reason: ${message}`);

function requireRules({ inputs, cloud: { world } }: Operation): void {
  const given = inputs as WebAclInputs;
  const { rules = [], customResponseBodies = [], defaultAction } = given;
  requireDistinct(
    rules.map(({ priority }) => priority),
    "priorities",
  );
  requireDistinct(
    rules.map(({ name }) => name),
    "names",
  );
  requireDistinct(
    customResponseBodies.map(({ key }) => key),
    "keys of bodies",
  );
  requireOne(defaultAction, "defaultAction");
  const bodies = customResponseBodies.map(({ key }) => key);
  for (const block of [defaultAction.block, ...rules.map(({ action }) => action?.block)]) {
    const key = block?.customResponse?.customResponseBodyKey;
    if (key !== undefined && !bodies.includes(key))
      throw invalid(`there is no body with the key ${key}`);
  }
  for (const rule of rules) requireRule(world, rule, given.scope, regionOf(inputs));
  const capacity = capacityOf(given);
  if (capacity > wafCapacity.most) {
    throw new AwsError(
      "WAFLimitsExceededException",
      `An ACL takes ${wafCapacity.most} capacity units at most, these rules need ${capacity}.`,
    );
  }
}

function requireDistinct(values: readonly (string | number)[], what: string): void {
  const double = values.find((value, index) => values.indexOf(value) !== index);
  if (double !== undefined) throw invalid(`Rules have the same ${what}: ${double}`);
}

function requireOne(choices: object, place: string): void {
  const made = Object.entries(choices).filter(([, value]) => value !== undefined);
  if (made.length !== 1) {
    throw invalid(
      `${place} takes exactly one choice, got ${made.map(([name]) => name).join(", ") || "none"}`,
    );
  }
}

/** A managed group has actions of its own, which are overridden or not; a rule has its own. */
function requireRule(
  world: World,
  { name, action, overrideAction, statement }: RuleInputs,
  scope: string,
  region: string,
): void {
  const isGroup = statement.managedRuleGroupStatement !== undefined;
  if (isGroup ? action !== undefined || !overrideAction : !action || overrideAction !== undefined) {
    throw invalid(
      isGroup
        ? `${name}: a rule group takes an overrideAction, and no action`
        : `${name}: a rule takes an action, and no overrideAction`,
    );
  }
  requireOne(action ?? overrideAction ?? {}, `${name}: the action`);
  requireStatement(world, name, statement, { scope, region });
}

function requireStatement(
  world: World,
  name: string,
  statement: StatementInputs,
  place: { readonly scope: string; readonly region: string },
): void {
  requireOne(statement, `${name}: the statement`);
  const { ipSetReferenceStatement: set, byteMatchStatement: text } = statement;
  const { rateBasedStatement: rate, managedRuleGroupStatement: group } = statement;
  if (set) {
    const found = world.all(ipSetType).find(({ outputs }) => outputs["arn"] === set.arn);
    if (!found) {
      throw new AwsError(
        "WAFNonexistentItemException",
        `${name}: AWS WAF couldn't find the IP set ${set.arn}.`,
      );
    }
    if (found.inputs["scope"] !== place.scope || found.inputs["region"] !== place.region) {
      throw invalid(`${name}: the IP set ${set.arn} is of another scope or region`);
    }
  }
  if (text) requireOne(text.fieldToMatch, `${name}: fieldToMatch`);
  if (rate) requireRate(name, rate);
  if (group && (group.vendorName !== "AWS" || !findManagedRuleGroup(group.name))) {
    throw invalid(
      `${name}: there is no rule group ${group.vendorName} ${group.name} whose capacity is known here`,
    );
  }
  for (const inner of innerOf(statement)) requireStatement(world, name, inner, place);
}

function requireRate(name: string, rate: NonNullable<StatementInputs["rateBasedStatement"]>): void {
  const { aggregateKeyType: type = "IP", forwardedIpConfig, customKeys, scopeDownStatement } = rate;
  const needsHeader =
    type === "FORWARDED_IP" || customKeys?.some(({ forwardedIp }) => forwardedIp) === true;
  if (needsHeader !== (forwardedIpConfig !== undefined)) {
    throw invalid(`${name}: forwardedIpConfig goes with FORWARDED_IP, and only with it`);
  }
  if ((type === "CUSTOM_KEYS") !== (customKeys !== undefined)) {
    throw invalid(`${name}: customKeys go with CUSTOM_KEYS, and only with it`);
  }
  if (type === "CONSTANT" && !scopeDownStatement) {
    throw invalid(`${name}: a rule that counts everything together needs a scopeDownStatement`);
  }
  for (const key of customKeys ?? []) requireOne(key, `${name}: a custom key`);
}

export function innerOf(statement: StatementInputs): readonly StatementInputs[] {
  const { notStatement, andStatement, orStatement, rateBasedStatement } = statement;
  return [
    ...(notStatement ? [notStatement.statement] : []),
    ...(andStatement?.statements ?? []),
    ...(orStatement?.statements ?? []),
    ...(rateBasedStatement?.scopeDownStatement ? [rateBasedStatement.scopeDownStatement] : []),
  ];
}

/** Capacity units that the rules take. */
function capacityOf({ rules = [] }: WebAclInputs): number {
  return rules.reduce((sum, { statement }) => sum + wcuOf(statement), 0);
}

function wcuOf(statement: StatementInputs): number {
  const { byteMatchStatement: text, managedRuleGroupStatement: group } = statement;
  const own =
    (statement.ipSetReferenceStatement ? ipSetWcu : 0) +
    (statement.rateBasedStatement ? rateRuleWcu : 0) +
    (group ? (findManagedRuleGroup(group.name)?.wcu ?? 0) : 0) +
    (text ? textCapacity(text) : 0);
  return innerOf(statement).reduce((sum, inner) => sum + wcuOf(inner), own);
}

function textCapacity(text: NonNullable<StatementInputs["byteMatchStatement"]>): number {
  const isAnywhere = text.positionalConstraint.startsWith("CONTAINS");
  const changes = text.textTransformations.filter(({ type }) => type !== "NONE").length;
  return (isAnywhere ? textWcu.anywhere : textWcu.anchored) + changes * transformationWcu;
}
