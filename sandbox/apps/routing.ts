import { domainsOf, type AppIngressRule, type AppSpec } from "./spec";

/** What is done with a request. */
type Decision =
  | { readonly kind: "pass"; readonly component: string; readonly path: string }
  | { readonly kind: "redirect"; readonly status: number; readonly location: string }
  | { readonly kind: "none" };

/**
 * Where an app's ingress sends a request: by its rules, the longest prefix first, and without rules
 * to the first service.
 *
 * @param host As the visitor named it, without a port.
 * @param target Path and query.
 */
export function decide(spec: AppSpec, host: string, target: string): Decision {
  const [path = "/", ...query] = target.split("?");
  const rule = [...rulesOf(spec)]
    .filter(({ match }) => {
      const { exact } = match?.authority ?? {};
      return (exact === undefined || exact === host) && isBelow(path, prefixOf({ match }));
    })
    .sort((a, b) => prefixOf(b).length - prefixOf(a).length)[0];
  const rest = query.length > 0 ? `?${query.join("?")}` : "";
  if (rule?.redirect) return redirected(rule.redirect, host, `${path}${rest}`);
  const { component } = rule ?? {};
  if (component?.name === undefined) return { kind: "none" };
  return {
    ...{ kind: "pass", component: component.name },
    path: `${rewritten(component, prefixOf(rule ?? {}), path)}${rest}`,
  };
}

/** Whether a host name leads to the app. */
export function isHostOf(spec: AppSpec, defaultHost: string, host: string): boolean {
  return (
    host === defaultHost ||
    domainsOf(spec).some(
      ({ name, wildcard }) => host === name || (wildcard && host.endsWith(`.${name}`)),
    )
  );
}

/** The rules of the spec; services' own routes, which they have replaced, count where there are none. */
function rulesOf({ ingress, services = [] }: AppSpec): readonly AppIngressRule[] {
  const { rules = [] } = ingress ?? {};
  if (rules.length > 0) return rules;
  const routes = services.flatMap(({ name, routes: own = [] }) =>
    own.map(({ path, preservePathPrefix }) => ({
      match: { path: { prefix: path ?? "/" } },
      component: { name, ...(preservePathPrefix !== undefined && { preservePathPrefix }) },
    })),
  );
  if (routes.length > 0) return routes;
  return services.slice(0, 1).map(({ name }) => ({ component: { name } }));
}

const prefixOf = ({ match }: Pick<AppIngressRule, "match">): string => match?.path?.prefix ?? "/";

/** Whole parts of a path count: "/api" is no prefix of "/apiary". */
function isBelow(path: string, prefix: string): boolean {
  const bare = prefix.replace(/\/$/, "");
  return path === bare || path.startsWith(`${bare}/`);
}

function rewritten(
  { preservePathPrefix, rewrite }: NonNullable<AppIngressRule["component"]>,
  prefix: string,
  path: string,
): string {
  if (preservePathPrefix === true) return path;
  const rest = path.slice(prefix.replace(/\/$/, "").length);
  const whole = `${(rewrite ?? "").replace(/\/$/, "")}${rest}`;
  return whole.startsWith("/") ? whole : `/${whole}`;
}

function redirected(
  {
    scheme = "https",
    authority,
    port,
    uri,
    redirectCode = 302,
  }: NonNullable<AppIngressRule["redirect"]>,
  host: string,
  target: string,
): Decision {
  const place = `${authority ?? host}${port === undefined ? "" : `:${port}`}`;
  return {
    ...{ kind: "redirect", status: redirectCode },
    location: `${scheme}://${place}${uri ?? target}`,
  };
}
