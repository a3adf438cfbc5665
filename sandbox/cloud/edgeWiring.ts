import type {
  CertificateAuthority,
  CloudResource,
  LoopbackTarget,
  Unreachable,
} from "../contracts";
import { distributionViews, fromCloudflare, fromCloudfront } from "../aws/edge";
import { planOf } from "../cloudflare/zone";
import { admits, dropletAt } from "../digitalocean/network";
import type { Containers } from "../containers/contract";
import type { Distribution, EdgeOptions, ZoneView } from "../edge";
import type { SitePorts } from "./client";
import type { WorldStore } from "./world";

interface Needs {
  readonly world: WorldStore;
  readonly hosts: { ports(id: string): SitePorts | undefined };
  /** The apps of App Platform, by the host names under which its edge answers. */
  readonly apps?: { ingress(host: string): LoopbackTarget | undefined };
  /** Balancers of AWS. @default none */
  readonly containers?: Pick<Containers, "balancerTarget">;
  readonly authority: CertificateAuthority;
  readonly ports: { readonly http: number; readonly https: number };
  readonly log: (line: string) => void;
}

/** The edge reads zones and routes from what the stacks registered, anew for each request. */
export function edgeOptions({
  world,
  hosts,
  apps,
  containers = { balancerTarget: () => undefined },
  ...rest
}: Needs): EdgeOptions {
  const platformApp = (host: string): LoopbackTarget | Unreachable | undefined =>
    apps?.ingress(host) ?? (isIngress(world, host) ? "nobody-listens" : undefined);
  const named = (name: string, port: number): LoopbackTarget | Unreachable | undefined =>
    fromCloudflare(world, containers, name, port);
  let zones: readonly ZoneView[] | undefined;
  let distributions: readonly Distribution[] | undefined;
  world.onChange(() => {
    zones = undefined;
    distributions = undefined;
  });
  const cloudfront = (): readonly Distribution[] =>
    (distributions ??= distributionViews(world, {
      balancer: (arn, port) => fromCloudfront(world, containers, arn, port),
      named,
    }));
  const isOurs = (host: string): boolean =>
    isInZone(world, host) ||
    platformApp(host) !== undefined ||
    cloudfront().some(({ domainName, aliases }) => [domainName, ...aliases].includes(host));
  return {
    ...rest,
    platformApp,
    named,
    distributions: cloudfront,
    onThisMachine: (location) => withPort(location, rest.ports, isOurs),
    zones: () => (zones ??= world.all("cloudflare:index/zone:Zone").map(viewOf(world))),
    route: (address, port): LoopbackTarget | Unreachable => {
      const droplet = dropletAt(world, address);
      if (!droplet) return "no-such-address";
      if (!admits(world, droplet.id, port, "cloudflare")) return "firewall";
      const ports = hosts.ports(droplet.id);
      const local = port === 443 ? ports?.https : port === 80 ? ports?.http : undefined;
      return local === undefined ? "nobody-listens" : { host: "127.0.0.1", port: local };
    },
  };
}

/** The edge's ports are not those that a browser takes for granted. */
function withPort(
  location: string,
  ports: Needs["ports"],
  isOurs: (host: string) => boolean,
): string {
  if (!URL.canParse(location)) return location;
  const url = new URL(location);
  if (!isOurs(url.hostname) || url.port !== "") return location;
  url.port = String(url.protocol === "https:" ? ports.https : ports.http);
  return url.href;
}

function isInZone(world: WorldStore, host: string): boolean {
  return world
    .all("cloudflare:index/zone:Zone")
    .map(({ inputs }) => String(inputs["name"]))
    .some((zone) => host === zone || host.endsWith(`.${zone}`));
}

/** Whether the platform gave an app this name, even where none of its instances answers. */
function isIngress(world: WorldStore, host: string): boolean {
  return world
    .all("digitalocean:index/app:App")
    .some(({ outputs }) => String(outputs["defaultIngress"]) === `https://${host}`);
}

const viewOf =
  (world: WorldStore) =>
  (resource: CloudResource): ZoneView => {
    const { id, inputs: zone } = resource;
    const partsOf = (type: string) =>
      world.all(`cloudflare:index/${type}`).filter(({ inputs: { zoneId } }) => zoneId === id);
    const inputsOf = (type: string) => partsOf(type).map(({ inputs }) => inputs);
    return {
      id,
      name: String(zone["name"]),
      settings: Object.fromEntries(
        partsOf("zoneSetting:ZoneSetting")
          .sort((a, b) => modifiedOn(a).localeCompare(modifiedOn(b)))
          .map(({ inputs: { settingId, value } }) => [String(settingId), value] as const),
      ),
      records: inputsOf("dnsRecord:DnsRecord").map(({ name, type, content, proxied }) => ({
        name: String(name),
        // The provider takes lower case too.
        type: String(type).toUpperCase(),
        content: String(content),
        proxied: proxied === true,
      })),
      rulesets: [
        ...inputsOf("ruleset:Ruleset"),
        ...inputsOf("snippetRules:SnippetRules").map(({ rules }) => ({ ...snippetsPhase, rules })),
      ].map(({ phase, rules }) => ({
        phase: String(phase),
        rules: (rules ?? []) as readonly Record<string, unknown>[],
      })),
      snippets: Object.fromEntries(inputsOf("snippet:Snippet").map(mainModuleOf)),
      snippetSubrequests: planOf(world, resource).spec.snippetSubrequests,
    };
  };

const snippetsPhase = { phase: "http_request_snippets" } as const;

function mainModuleOf({ snippetName, files, metadata }: CloudResource["inputs"]): [string, string] {
  const { mainModule } = metadata as { readonly mainModule: string };
  const all = files as readonly { readonly name: string; readonly content: string }[];
  return [String(snippetName), all.find(({ name }) => name === mainModule)?.content ?? ""];
}

/** As ISO 8601, whose texts sort like the times. */
const modifiedOn = ({ outputs }: CloudResource): string => String(outputs["modifiedOn"]);
