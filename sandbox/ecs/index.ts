import { mkdirSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeGuard } from "../apps/guard";
import { ImageRegistry } from "../apps/images";
import type { CertificateAuthority, World } from "../contracts";
import { inTurn } from "../services/inTurn";
import { reapOrphans } from "../services/process";
import { Balancers } from "./balancers";
import type { Containers } from "../containers/contract";
import { callsIn } from "./functionFiles";
import { invokeFunction } from "./functions";
import { Service } from "./service";
import { readService, type ServiceRecord } from "./serviceFile";
import { StateFile } from "./stateFile";
import type { Platform } from "./task";
import { OneOffTasks } from "./tasks";
import { usualEcsTiming, type EcsTiming } from "./timing";

export interface ContainersOptions {
  /** Services, tasks and functions have directories below it. */
  readonly directory: string;
  /** Of the images of all registries. */
  readonly imageFile: string;
  readonly world: World;
  /** Stands for the public authorities. */
  readonly authority: CertificateAuthority;
  readonly authorityFile: string;
  readonly log: (line: string) => void;
  readonly timing?: Partial<EcsTiming>;
}

/** The embedded ECS with its balancers, and the functions beside it. */
export function newContainers(options: ContainersOptions): Containers {
  const { directory, world, authority, log } = options;
  const below = (name: string): string => join(directory, name);
  for (const name of ["services", "tasks", "functions"]) {
    mkdirSync(below(name), { recursive: true, mode: 0o700 });
  }
  const state = new StateFile(below("state.json"));
  const images = new ImageRegistry(options.imageFile);
  const platform: Platform = {
    ...{ world, images, log, authorityFile: options.authorityFile },
    authorityPem: authority.certificate,
    guard: writeGuard(directory),
    timing: { ...usualEcsTiming, ...options.timing },
  };
  const tasks = new OneOffTasks(below("tasks"), platform);
  const services = new Map<string, Service>();
  const balancers = new Balancers({
    ...{ world, authority, state, log },
    targets: (group) => [...services.values()].flatMap((service) => service.targetsIn(group)),
  });
  const turn = inTurn();
  let interrupted = new AbortController();

  const open = (arn: string): Service => {
    const place = placeOf(arn);
    const record: ServiceRecord = readService(place) ?? { arn, desired: 0 };
    const service = new Service(place, record, platform);
    services.set(arn, service);
    return service;
  };

  return {
    hasImage: (reference) => images.at(reference) !== undefined,
    imagesIn: (repository) => images.of(repository).length,
    forgetImages: (repository) => {
      images.forget(repository);
    },
    nextRevision: (region, family) => state.nextRevision(region, family),
    deployService: (arn, order) =>
      turn(arn, () => {
        mkdirSync(placeOf(arn), { recursive: true, mode: 0o700 });
        return (services.get(arn) ?? open(arn)).deploy(order);
      }),
    removeService: (arn) => {
      services.get(arn)?.interrupt();
      return turn(arn, async () => {
        await services.get(arn)?.drain();
        services.delete(arn);
        await reapOrphans(placeOf(arn));
        await removeDirectory(placeOf(arn));
      });
    },
    runTask: (order) => Promise.resolve(tasks.run(order)),
    describeTask: (arn) => tasks.find(arn)?.view(),
    listTasks: (clusterArn) => tasks.all(clusterArn),
    invoke: (functionArn, payload) => {
      const { signal: interrupt } = interrupted;
      const needs = { platform, tasks, interrupt, directory: below("functions") };
      return invokeFunction(needs, functionArn, payload);
    },
    listen: (arn, order) => balancers.listen(arn, order),
    unlisten: (arn) => balancers.unlisten(arn),
    balancerTarget: (name, port) => balancers.target(name, port),
    startAll: async () => {
      interrupted = new AbortController();
      await Promise.all([reapOrphans(below("tasks")), reapOrphans(below("functions"))]);
      await rm(callsIn(below("functions")), { recursive: true, force: true });
      await balancers.startAll();
      const names = await readdir(below("services"), { withFileTypes: true });
      const found = names.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      await Promise.all(found.map(resume));
    },
    stopAll: async () => {
      interrupted.abort();
      for (const service of services.values()) service.interrupt();
      await balancers.stopAll();
      await Promise.all([
        ...[...services].map(([arn, service]) => turn(arn, () => service.stop())),
        tasks.stopAll(),
      ]);
      services.clear();
    },
    statuses: () => [
      ...balancers.statuses(),
      ...[...services.values()].flatMap((service) => service.statuses()),
      ...tasks.running().map((task) => ({
        ...{ resource: task.arn, what: `task of ${task.spec.family}:${task.spec.revision}` },
        state: "running" as const,
        ...(task.pids[0] !== undefined && { pid: task.pids[0], memoryBytes: task.memoryBytes }),
        detail: `in ${task.zone}`,
      })),
    ],
  };

  /** The directory of a service, by what is unique of its ARN. */
  function placeOf(arn: string): string {
    const [, , , region = "", , ...rest] = arn.split(":");
    const name = [region, ...rest.join(":").split("/").slice(1)].join(".");
    if (!/^[\w.-]+$/.test(name)) throw new Error(`"${arn}" is no ARN of a service`);
    return join(below("services"), name);
  }

  /** One that does not start keeps none of the others from it. */
  async function resume(name: string): Promise<void> {
    const place = join(below("services"), name);
    try {
      const record = name.startsWith(removed) ? undefined : readService(place);
      if (record) {
        await turn(record.arn, () => open(record.arn).resume());
        return;
      }
      await reapOrphans(place);
      await rm(place, { recursive: true, force: true });
    } catch (error) {
      log(`service ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

const removed = ".removed-";

/** Away at once, so that what is killed in between leaves no half of a service. */
async function removeDirectory(place: string): Promise<void> {
  const aside = join(place, "..", `${removed}${place.split("/").at(-1) ?? ""}`);
  await rm(aside, { recursive: true, force: true });
  try {
    await rename(place, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  await rm(aside, { recursive: true, force: true });
}
