import { isIPv4 } from "node:net";
import type { IncomingMessage } from "node:http";
import { parseCidr } from "../../settings/cidr";
import { groupsOf, type Action } from "../aws/balancer/actions";
import type { Condition } from "../aws/balancer/listener";
import { listenerRuleType, listenerType } from "../aws/balancer/words";
import { fits } from "../aws/iam/evaluate";
import type { CloudResource, World } from "../contracts";
import { hostOf } from "../passing";

/** What a listener does with a request: the first rule whose conditions all hold, or its default. */
export function actionFor(
  world: World,
  listenerArn: string,
  request: IncomingMessage,
): Action | undefined {
  const listener = world.get(listenerType, listenerArn);
  const rules = world
    .all(listenerRuleType)
    .filter(({ inputs, ready }) => ready && inputs["listenerArn"] === listenerArn)
    .sort((a, b) => priorityOf(a) - priorityOf(b));
  const rule = rules.find(({ inputs }) =>
    (inputs["conditions"] as readonly Condition[]).every((condition) => holds(condition, request)),
  );
  const actions = rule ? rule.inputs["actions"] : listener?.inputs["defaultActions"];
  return (actions as readonly Action[] | undefined)?.at(-1);
}

const priorityOf = ({ inputs, outputs }: CloudResource): number =>
  Number(inputs["priority"] ?? outputs["priority"]);

function holds(condition: Condition, request: IncomingMessage): boolean {
  const { hostHeader, pathPattern, httpRequestMethod, httpHeader, sourceIp } = condition;
  const { method = "GET", url = "/", headers, socket } = request;
  const [path = "/"] = url.split("?");
  if (hostHeader) {
    return hostHeader.values.some((one) => fits(one.toLowerCase(), hostOf(headers)));
  }
  if (pathPattern) return pathPattern.values.some((one) => fits(one, path));
  if (httpRequestMethod) return httpRequestMethod.values.includes(method);
  if (httpHeader) {
    const value = headers[httpHeader.httpHeaderName.toLowerCase()];
    return (
      value !== undefined &&
      httpHeader.values.some((one) => fits(one.toLowerCase(), String(value).toLowerCase()))
    );
  }
  return sourceIp?.values.some((range) => isIn(socket.remoteAddress ?? "", range)) ?? false;
}

function isIn(address: string, range: string): boolean {
  const ipv4 = address.replace(/^::ffff:/, "");
  if (!isIPv4(ipv4) || !range.includes(".")) return false;
  const [{ first }, { first: low, last }] = [parseCidr(`${ipv4}/32`), parseCidr(range)];
  return first >= low && first <= last;
}

/** The target group that a request goes to, by the shares of its action. */
export function groupFor(action: Action): string | undefined {
  const groups = groupsOf(action);
  const total = groups.reduce((sum, { share }) => sum + share, 0);
  let at = Math.random() * total;
  for (const { group, share } of groups) {
    at -= share;
    if (at < 0) return group;
  }
  return groups.find(({ share }) => share > 0)?.group;
}

/** Where a redirect leads, its placeholders filled in. */
export function redirectOf(
  { protocol, host, port, path, query }: NonNullable<Action["redirect"]>,
  request: IncomingMessage,
  listener: { readonly protocol: string; readonly port: number },
): string {
  const [ownPath = "/", ownQuery = ""] = (request.url ?? "/").split("?");
  const own: Readonly<Record<string, string>> = {
    protocol: listener.protocol,
    host: hostOf(request.headers),
    port: String(listener.port),
    path: ownPath.slice(1),
    query: ownQuery,
  };
  const filled = (text: string): string =>
    text.replaceAll(/#\{(\w+)\}/g, (whole, name: string) => own[name] ?? whole);
  const scheme = filled(protocol ?? "#{protocol}");
  const place = filled(port ?? "#{port}");
  const usual = scheme === "HTTPS" ? "443" : "80";
  const rest = filled(query ?? "#{query}");
  return (
    `${scheme.toLowerCase()}://${filled(host ?? "#{host}")}${place === usual ? "" : `:${place}`}` +
    `${filled(path ?? "/#{path}")}${rest === "" ? "" : `?${rest}`}`
  );
}
