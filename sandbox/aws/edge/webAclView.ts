import type { World } from "../../contracts";
import { wafLimits } from "../../../prices/aws";
import type { RateKey, WafAnswer, WafStatement, WebAcl } from "../../edge/cloudfront/webAcl";
import { ipSetType, webAclType } from "./types";
import type { BlockInputs, RuleInputs, StatementInputs, WebAclInputs } from "./webAclInputs";

const bodyTypes = {
  TEXT_PLAIN: "text/plain",
  TEXT_HTML: "text/html",
  APPLICATION_JSON: "application/json",
} as const;

/** The ACL as the edge evaluates it; undefined where there is none. */
export function webAclView(world: World, arn: string): WebAcl | undefined {
  const found = world.all(webAclType).find(({ outputs }) => outputs["arn"] === arn);
  if (!found) return undefined;
  const given = found.inputs as WebAclInputs;
  const defaultAnswer = answerOf(given, given.defaultAction.block);
  return {
    id: found.id,
    blocksByDefault: given.defaultAction.block !== undefined,
    ...(defaultAnswer && { defaultAnswer }),
    rules: (given.rules ?? []).map((rule) => {
      const answer = answerOf(given, rule.action?.block);
      return {
        ...{ name: rule.name, priority: rule.priority, action: actionOf(rule) },
        ...(answer && { answer }),
        statement: statementOf(world, rule.statement),
      };
    }),
  };
}

function actionOf({ action }: RuleInputs): "allow" | "block" | "count" {
  if (action?.block) return "block";
  return action?.allow ? "allow" : "count";
}

function answerOf(
  { customResponseBodies = [] }: WebAclInputs,
  block: BlockInputs,
): WafAnswer | undefined {
  const custom = block?.customResponse;
  if (!custom) return undefined;
  const body = customResponseBodies.find(({ key }) => key === custom.customResponseBodyKey);
  return {
    status: custom.responseCode,
    headers: Object.fromEntries(
      (custom.responseHeaders ?? []).map(({ name, value }) => [`x-amzn-waf-${name}`, value]),
    ),
    ...(body && { body: { type: bodyTypes[body.contentType], content: body.content } }),
  };
}

function statementOf(world: World, given: StatementInputs): WafStatement {
  if (given.notStatement) {
    return { kind: "not", of: statementOf(world, given.notStatement.statement) };
  }
  if (given.andStatement) {
    return { kind: "and", of: given.andStatement.statements.map((one) => statementOf(world, one)) };
  }
  if (given.orStatement) {
    return { kind: "or", of: given.orStatement.statements.map((one) => statementOf(world, one)) };
  }
  if (given.ipSetReferenceStatement) return addressesOf(world, given.ipSetReferenceStatement);
  if (given.byteMatchStatement) return textOf(given.byteMatchStatement);
  if (given.rateBasedStatement) return rateOf(world, given.rateBasedStatement);
  return { kind: "managed" };
}

function addressesOf(
  world: World,
  { arn, ipSetForwardedIpConfig: config }: NonNullable<StatementInputs["ipSetReferenceStatement"]>,
): WafStatement {
  const set = world.all(ipSetType).find(({ outputs }) => outputs["arn"] === arn);
  return {
    kind: "addresses",
    networks: (set?.inputs["addresses"] ?? []) as readonly string[],
    ...(config && {
      forwarded: {
        header: config.headerName,
        position: config.position,
        fallback: config.fallbackBehavior,
      },
    }),
  };
}

function textOf(given: NonNullable<StatementInputs["byteMatchStatement"]>): WafStatement {
  const { uriPath, queryString, singleHeader } = given.fieldToMatch;
  return {
    kind: "text",
    match: given.positionalConstraint,
    search: given.searchString,
    lowercase: given.textTransformations.some(({ type }) => type === "LOWERCASE"),
    field: singleHeader
      ? { header: singleHeader.name }
      : uriPath
        ? "uriPath"
        : queryString
          ? "queryString"
          : "method",
  };
}

function rateOf(
  world: World,
  given: NonNullable<StatementInputs["rateBasedStatement"]>,
): WafStatement {
  const { scopeDownStatement: scope } = given;
  return {
    kind: "rate",
    limit: given.limit,
    windowSeconds: given.evaluationWindowSec ?? wafLimits.rateWindowDefaultSeconds,
    keys: keysOf(given),
    ...(scope && { scope: statementOf(world, scope) }),
  };
}

function keysOf(given: NonNullable<StatementInputs["rateBasedStatement"]>): readonly RateKey[] {
  const { aggregateKeyType = "IP", forwardedIpConfig: config, customKeys = [] } = given;
  const forwarded: RateKey = {
    kind: "forwarded",
    forwarded: {
      header: config?.headerName ?? "",
      position: "FIRST",
      fallback: config?.fallbackBehavior ?? "NO_MATCH",
    },
  };
  switch (aggregateKeyType) {
    case "IP":
      return [{ kind: "address" }];
    case "FORWARDED_IP":
      return [forwarded];
    case "CONSTANT":
      return [];
    case "CUSTOM_KEYS":
      return customKeys.map((key): RateKey => {
        if (key.header) return { kind: "header", header: key.header.name };
        if (key.httpMethod) return { kind: "method" };
        return key.forwardedIp ? forwarded : { kind: "address" };
      });
  }
}
