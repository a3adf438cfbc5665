import type {
  CertificateAuthority,
  CloudResource,
  LoopbackTarget,
  Unreachable,
} from "../contracts";
import { admits, dropletAt } from "../digitalocean/network";
import type { EdgeOptions, ZoneView } from "../edge";
import type { SitePorts } from "./client";
import type { WorldStore } from "./world";

interface Needs {
  readonly world: WorldStore;
  readonly hosts: { ports(id: string): SitePorts | undefined };
  readonly authority: CertificateAuthority;
  readonly ports: { readonly http: number; readonly https: number };
  readonly log: (line: string) => void;
}

/** The edge reads zones and routes from what the stacks registered, anew for each request. */
export function edgeOptions({ world, hosts, ...rest }: Needs): EdgeOptions {
  let zones: readonly ZoneView[] | undefined;
  world.onChange(() => {
    zones = undefined;
  });
  return {
    ...rest,
    onThisMachine: (location) => withPort(location, world, rest.ports),
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
function withPort(location: string, world: WorldStore, ports: Needs["ports"]): string {
  if (!URL.canParse(location)) return location;
  const url = new URL(location);
  const zones = world.all("cloudflare:index/zone:Zone").map(({ inputs }) => String(inputs["name"]));
  const ours = zones.some((zone) => url.hostname === zone || url.hostname.endsWith(`.${zone}`));
  if (!ours || url.port !== "") return location;
  url.port = String(url.protocol === "https:" ? ports.https : ports.http);
  return url.href;
}

const viewOf =
  (world: WorldStore) =>
  ({ id, inputs: zone }: CloudResource): ZoneView => {
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
      rulesets: inputsOf("ruleset:Ruleset").map(({ phase, rules }) => ({
        phase: String(phase),
        rules: (rules ?? []) as readonly Record<string, unknown>[],
      })),
    };
  };

/** As ISO 8601, whose texts sort like the times. */
const modifiedOn = ({ outputs }: CloudResource): string => String(outputs["modifiedOn"]);
