import { dirname } from "node:path";
import type { LoopbackTarget, Unreachable } from "../contracts";
import type { LocalImage } from "./images";
import type { AppEnv, AppSpec } from "./spec";

/** Where a private address and port of the app's network are on this machine. */
export type PrivateRoute = (
  vpcIds: readonly string[],
  address: string,
  port: number,
) => LoopbackTarget | Unreachable;

/** What a container finds in its environment: the image's, then the app's, then the component's. */
export function containerEnvironment(
  image: LocalImage,
  { envs = [] }: AppSpec,
  component: { readonly envs?: readonly AppEnv[] },
  bindable: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const atRunTime = [...envs, ...(component.envs ?? [])].filter(
    ({ scope }) => scope !== "BUILD_TIME",
  );
  const values = atRunTime.map(({ key, value = "" }) => [
    key,
    value.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => bindable[name] ?? whole),
  ]);
  return { ...image.environment, ...(Object.fromEntries(values) as Record<string, string>) };
}

interface Place {
  /** Port that the container would have listened on, and the one that it has here; absent: none. */
  readonly port?: { readonly container: number; readonly local: number };
  /** PEM of the authority that stands for the public ones. */
  readonly authorityFile: string;
  readonly route: (address: string, port: number) => LoopbackTarget | Unreachable;
}

/** The environment on this machine, and what in it is not as it was wired. */
export interface LocalEnvironment {
  readonly environment: Readonly<Record<string, string>>;
  /** One a variable, e.g. "PORT 3000 is 21034 here". */
  readonly translated: readonly string[];
}

/**
 * What differs between a container and a process of this machine, all of it: containers have an
 * address each, so that PORT is one's own here and HOST the loopback device; private addresses lead
 * to what stands for them; and Node trusts the sandbox's authority, which stands for the public ones.
 */
export function onThisMachine(
  wired: Readonly<Record<string, string>>,
  { port, authorityFile, route }: Place,
): LocalEnvironment {
  const translated: string[] = [];
  const environment: Record<string, string> = {
    PATH: [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":"),
  };
  for (const [key, value] of Object.entries(wired)) {
    environment[key] = value.replaceAll(
      privateAddress,
      (whole, scheme: string | undefined, address: string, given: string | undefined) => {
        // Neither says how to connect, so it is no place to connect to.
        if (scheme === undefined && given === undefined) return whole;
        const usual = scheme?.startsWith("https") ? 443 : 80;
        const wanted = given === undefined ? usual : Number(given);
        const local = route(address, wanted);
        if (local === "no-such-address") return whole;
        // Refused at once, where the network would drop it.
        const to = typeof local === "string" ? { host: "127.0.0.1", port: 1 } : local;
        translated.push(
          `${key}: ${address}:${wanted} is ` +
            (typeof local === "string" ? `not reached (${words[local]})` : `${to.host}:${to.port}`),
        );
        return `${scheme ?? ""}${to.host}:${to.port}`;
      },
    );
  }
  if (port) {
    translated.push(`PORT ${port.container} is ${port.local}, on 127.0.0.1 alone`);
    environment["PORT"] = String(port.local);
    environment["HOST"] = "127.0.0.1";
  }
  environment["NODE_EXTRA_CA_CERTS"] = authorityFile;
  return { environment, translated };
}

const words: Readonly<Record<Unreachable, string>> = {
  "no-such-address": "no such address",
  "nobody-listens": "nobody listens",
  firewall: "a firewall drops it",
};

/** With the scheme before it and the port after it, where there are any. */
const privateAddress =
  /(https?:\/\/)?\b((?:10|172|192)\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\d.])(?::(\d{1,5}))?\b/g;
