import { join } from "node:path";

/** The checkout that the sandbox belongs to. */
export const checkout = join(__dirname, "..");

/** Where the sandbox keeps what; all of it below one directory, removed as a whole. */
export interface Places {
  readonly root: string;
  /** The engine's own files: state, plugins' records, passphrase. */
  readonly state: string;
  readonly home: string;
  readonly passphrase: string;
  /** The project that the engine is run in. */
  readonly project: string;
  /** The embedded cloud's process and everything behind its resources. */
  readonly cloud: string;
  readonly world: string;
  readonly address: string;
  readonly log: string;
  readonly services: string;
  /** Certificate of the authority that signs what the edge and the hosts show. */
  readonly authority: string;
  readonly certificate: string;
  /** Built versions of the app. */
  readonly releases: string;
  readonly locks: string;
}

export function placesIn(root: string): Places {
  const cloud = join(root, "cloud");
  return {
    root,
    state: join(root, "state"),
    home: join(root, "home"),
    passphrase: join(root, "passphrase"),
    project: join(root, "project"),
    cloud,
    world: join(cloud, "world.json"),
    address: join(cloud, "address.json"),
    log: join(cloud, "cloud.log"),
    services: join(cloud, "services"),
    authority: join(cloud, "authority"),
    certificate: join(root, "ca.pem"),
    releases: join(root, "releases"),
    locks: join(root, "locks"),
  };
}

/** The zone that exists in the embedded cloud's Cloudflare account, and names in it. */
export const sandboxZone = {
  id: "5a0d0b0c5a0d0b0c5a0d0b0c5a0d0b0c",
  // Browsers take every name below "localhost" for this machine.
  name: "sandbox.localhost",
  domain: "drops.sandbox.localhost",
} as const;
