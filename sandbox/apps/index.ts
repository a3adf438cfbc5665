import { randomInt } from "node:crypto";
import { mkdirSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { LoopbackTarget, ServiceStatus } from "../contracts";
import { inTurn } from "../services/inTurn";
import { freePort } from "../services/ports";
import { reapOrphans } from "../services/process";
import { App, type AppOptions } from "./app";
import { readApp, writeApp, type AppRecord } from "./appFile";
import { writeGuard } from "./guard";
import { ImageRegistry, type LocalImage } from "./images";
import { newSealingKey } from "./sealing";
import type { AppImage, AppSpec } from "./spec";
import { usualTiming, type Timing } from "./timing";

export { DeploymentFailed } from "./app";
export { Unopenable } from "./sealing";
export type { AppSpec } from "./spec";

export interface AppsOptions extends Omit<AppOptions, "registry" | "guard" | "timing"> {
  /** Each app has a directory below it. */
  readonly directory: string;
  readonly timing?: Partial<Timing>;
}

/** The embedded App Platform. */
export interface Apps {
  /** Whether a registry has the image. */
  hasImage(image: AppImage): boolean;
  /** Pushes an image; a directory of this machine stands for it. */
  registerImage(reference: string, image: LocalImage): void;
  /**
   * Makes the app if it is not there, and the spec live; does nothing where it is live.
   *
   * @param spec Secrets in it are in plain, or sealed as an earlier call has told them.
   * @returns its live deployment, its host name, and the spec with every secret sealed.
   * @throws DeploymentFailed where it does not become live; what was live before still is.
   * @throws Unopenable where a secret was sealed for another app.
   */
  deploy(
    id: string,
    spec: AppSpec,
  ): Promise<{ readonly deployment: string; readonly host: string; readonly spec: AppSpec }>;
  /** The host name that an app was given; undefined: there is no such app. */
  host(id: string): string | undefined;
  /** Stops it and deletes its files. */
  remove(id: string): Promise<void>;
  /**
   * Where a visitor of a host name ends on this machine, in plain HTTP: the name that the platform
   * gave an app, or one of its domains. Undefined where no live app has it.
   */
  ingress(host: string): LoopbackTarget | undefined;
  /** Starts what was live when the cloud last ran. */
  startAll(): Promise<void>;
  /** Stops everything; the files stay. */
  stopAll(): Promise<void>;
  statuses(): readonly ServiceStatus[];
}

/** Browsers take every name below "localhost" for this machine. */
const ingressDomain = "ondigitalocean.app.localhost";

export function newApps({ directory, timing, ...rest }: AppsOptions): Apps {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const registry = new ImageRegistry(join(directory, "images.json"));
  const options: AppOptions = {
    ...{ ...rest, registry, guard: writeGuard(directory) },
    timing: { ...usualTiming, ...timing },
  };
  const apps = new Map<string, App>();
  const turn = inTurn();
  const placeOf = (id: string): string => {
    // It becomes a directory that is deleted as a whole one day.
    if (!/^[\w-]+$/.test(id)) throw new Error(`"${id}" is no id of an app`);
    return join(directory, id);
  };
  const opened = async (id: string, record: AppRecord): Promise<App> => {
    const app = await App.open(id, placeOf(id), record, options);
    apps.set(id, app);
    return app;
  };
  return {
    hasImage: (image) => registry.find(image) !== undefined,
    registerImage: (reference, image) => {
      registry.register(reference, image);
    },
    deploy: (id, spec) =>
      turn(id, async () => {
        const app = apps.get(id) ?? (await opened(id, await newRecord(placeOf(id), spec)));
        return { ...(await app.deploy(spec)), host: app.host };
      }),
    host: (id) => apps.get(id)?.host,
    remove: (id) => {
      apps.get(id)?.interrupt();
      return turn(id, async () => {
        const app = apps.get(id);
        await app?.stop();
        app?.forget();
        apps.delete(id);
        await reapOrphans(placeOf(id));
        await removeDirectory(directory, id);
      });
    },
    ingress: (host) => {
      for (const app of apps.values()) {
        const target = app.ingress(host.toLowerCase());
        if (target) return target;
      }
      return undefined;
    },
    startAll: async () => {
      const names = await readdir(directory, { withFileTypes: true });
      const ids = names.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      await Promise.all(ids.map((id) => turn(id, () => resume(id))));
    },
    stopAll: async () => {
      for (const app of apps.values()) app.interrupt();
      await Promise.all([...apps].map(([id, app]) => turn(id, () => app.stop())));
      apps.clear();
    },
    statuses: () => [...apps.values()].flatMap((app) => app.statuses()),
  };

  /** One that does not start keeps none of the others from it. */
  async function resume(id: string): Promise<void> {
    try {
      if (id.startsWith(removed)) {
        await reapOrphans(join(directory, id));
        await rm(join(directory, id), { recursive: true, force: true });
        return;
      }
      const record = readApp(placeOf(id));
      if (record) await (await opened(id, record)).resume();
    } catch (error) {
      rest.log(`app ${id}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** Of an app that is made: on disk before anything runs for it. */
async function newRecord(place: string, { name }: AppSpec): Promise<AppRecord> {
  const kept = readApp(place);
  if (kept) return kept;
  const record = {
    ...{ name, host: `${name}-${suffix()}.${ingressDomain}`, port: await freePort() },
    sealingKey: newSealingKey(),
  };
  writeApp(place, record);
  return record;
}

/** Five letters and digits, as the platform adds them. */
function suffix(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  return Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join("");
}

const removed = ".removed-";

/** Away at once, so that what is killed in between leaves no half of an app. */
async function removeDirectory(directory: string, id: string): Promise<void> {
  const aside = join(directory, `${removed}${id}`);
  await rm(aside, { recursive: true, force: true });
  try {
    await rename(join(directory, id), aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
