import { setTimeout as sleep } from "node:timers/promises";
import type { CloudResource } from "../contracts";
import type { FaultPlan, OperationName } from "./faults";
import { CloudError, type Cloud, type Kind, type Made, type Values } from "./kind";
import { namersOf, requireNamed } from "./references";
import { UnderWay } from "./underWay";
import type { WorldStore } from "./world";

/** A resource that is there, but not as it should be: the engine keeps it and tries again. */
export class HalfMade extends Error {
  override readonly name = "HalfMade";
  constructor(
    readonly resource: CloudResource,
    reason: string,
  ) {
    super(reason);
  }
}

interface Needs {
  readonly world: WorldStore;
  readonly cloud: Cloud;
  readonly faults: FaultPlan;
  readonly kindOf: (type: string) => Kind | undefined;
  /** How the process ends where a fault wants it to. */
  readonly crash: () => never;
}

/** What the cloud does when it is asked: creates, changes, deletes, and says what there is. */
export class Operations {
  private readonly underWay = new UnderWay();

  constructor(private readonly needs: Needs) {}

  /** Resolves when nothing is being made, changed or deleted: who asked for it may be gone. */
  async settled(): Promise<void> {
    await this.underWay.settled();
  }

  /** @throws CloudError where the cloud refuses, HalfMade where it gave up half-way. */
  async create(kind: Kind, urn: string, inputs: Values): Promise<CloudResource> {
    return await this.underWay.run(this.make(kind, urn, inputs));
  }

  /** @throws CloudError where the cloud refuses, HalfMade where it gave up half-way. */
  async update(kind: Kind, id: string, inputs: Values): Promise<CloudResource> {
    return await this.underWay.run(this.change(kind, id, inputs));
  }

  /** @throws CloudError where the cloud refuses. */
  async delete(kind: Kind, id: string): Promise<void> {
    await this.underWay.run(this.remove(kind, id));
  }

  private async make(kind: Kind, urn: string, inputs: Values): Promise<CloudResource> {
    const { world, cloud } = this.needs;
    const { kind: fault, delaySeconds } = this.needs.faults.next("create", kind.type);
    if (fault === "error" || fault === "429") throw answered(fault);
    this.requireRoom(kind, inputs);
    const id =
      typeof kind.idStyle === "function" ? kind.idStyle(inputs, cloud) : cloud.newId(kind.idStyle);
    const operation = { cloud, urn, id, inputs };
    kind.refuse?.(operation);
    // On disk before anything runs for it: whoever comes after a crash knows what to clear away.
    const begun: CloudResource = {
      ...{ id, type: kind.type, urn, inputs },
      ...{ outputs: {}, hidden: {}, ready: false },
    };
    world.put(begun);
    // It is there while it is slow to become ready, as with a real cloud.
    await sleep(delaySeconds * 1_000);
    if (fault === "crash") this.needs.crash();
    let made: Made;
    try {
      made = (await kind.create?.(operation)) ?? {};
    } catch (error) {
      if (error instanceof CloudError) {
        world.remove(begun);
        throw error;
      }
      throw this.halfMade(begun, messageOf(error));
    }
    const resource = withMade(begun, made);
    if (fault === "half") throw this.halfMade(resource, "it was made, but did not become ready");
    world.put(resource);
    return resource;
  }

  /** Undefined: there is no such resource any more. */
  async read(type: string, id: string): Promise<CloudResource | undefined> {
    const fault = await this.fault("read", type);
    if (fault === "error" || fault === "429") throw answered(fault);
    return this.needs.world.get(type, id);
  }

  private async change(kind: Kind, id: string, inputs: Values): Promise<CloudResource> {
    const { world, cloud } = this.needs;
    const fault = await this.fault("update", kind.type);
    if (fault === "error" || fault === "429") throw answered(fault);
    const before = world.get(kind.type, id);
    if (!before) throw new CloudError(404, "the resource you requested could not be found");
    requireNamed(kind, inputs, world);
    this.requireUnique(kind, inputs, id);
    const operation = { cloud, urn: before.urn, id, inputs, before };
    kind.refuse?.(operation);
    if (fault === "crash") this.needs.crash();
    let made: Made;
    try {
      // What is only half there is made now.
      made = (before.ready ? await kind.update?.(operation) : await kind.create?.(operation)) ?? {};
    } catch (error) {
      if (error instanceof CloudError) throw error;
      throw new HalfMade(before, messageOf(error));
    }
    const resource = withMade({ ...before, inputs }, made);
    if (fault === "half")
      throw this.halfMade(resource, "the change was made, but did not take effect");
    world.put(resource);
    return resource;
  }

  private halfMade(resource: CloudResource, reason: string): HalfMade {
    const half = { ...resource, ready: false, told: true };
    this.needs.world.put(half);
    return new HalfMade(half, reason);
  }

  private async remove(kind: Kind, id: string): Promise<void> {
    const { world, kindOf } = this.needs;
    const fault = await this.fault("delete", kind.type);
    if (fault === "error" || fault === "429") throw answered(fault);
    const before = world.get(kind.type, id);
    // Gone already is what was asked for, as with the real providers.
    if (!before) return;
    const namers = namersOf(before, world, kindOf);
    if (namers.refuse.length > 0) {
      const names = namers.refuse.map((other) => other.urn.split("::").at(-1) ?? other.urn);
      throw new CloudError(409, kind.inUse?.(names) ?? `it is still in use by ${names.join(", ")}`);
    }
    // On disk before anything is torn down: whoever comes after a crash finishes it.
    world.put({ ...before, ready: false, told: false });
    try {
      await this.tearDown(before);
    } catch (error) {
      world.put(before);
      throw error;
    }
    if (fault === "crash") this.needs.crash();
    this.forget(before);
  }

  /** Ends what stands behind a resource. */
  private async tearDown(before: CloudResource): Promise<void> {
    const { cloud, kindOf } = this.needs;
    const { type, urn, id, inputs } = before;
    await kindOf(type)?.delete?.({ cloud, urn, id, inputs, before });
  }

  private forget(gone: CloudResource): void {
    const { world, kindOf } = this.needs;
    for (const other of namersOf(gone, world, kindOf).cascade) world.remove(other);
    world.remove(gone);
  }

  /** Deletes a resource whatever names it, as somebody in the provider's console would. */
  async takeAway(resource: CloudResource): Promise<void> {
    await this.underWay.run(this.tearDown(resource));
    this.forget(resource);
  }

  /**
   * After a crash: what was begun and never became ready goes, so that it can be asked for anew, and
   * what was being deleted too. One that cannot go keeps none of the others from it, nor the cloud
   * from starting: it stays as it is until the next start.
   */
  async clearHalfMade(log: (line: string) => void): Promise<void> {
    const halfMade = this.needs.world
      .everything()
      .filter(({ ready, told }) => !ready && told !== true);
    let cleared = 0;
    for (const resource of halfMade) {
      try {
        await this.takeAway(resource);
        cleared += 1;
      } catch (error) {
        log(
          `${resource.urn} was never finished and cannot be cleared away: ${messageOf(error)}; the next start tries again`,
        );
      }
    }
    if (cleared > 0) log(`cleared away ${cleared} resources that were never finished`);
  }

  private requireRoom(kind: Kind, inputs: Values): void {
    const { world } = this.needs;
    requireNamed(kind, inputs, world);
    this.requireUnique(kind, inputs);
    if (kind.quota && world.all(kind.type).length >= kind.quota.most) {
      const { most, dated } = kind.quota;
      throw new CloudError(
        422,
        `your account may have ${most} of them (${dated.source}, ${dated.asOf})`,
      );
    }
  }

  private requireUnique(kind: Kind, inputs: Values, self?: string): void {
    for (const keys of kind.unique ?? []) {
      const taken = this.needs.world
        .all(kind.type)
        .find(
          (other) =>
            other.id !== self &&
            keys.every((key) => inputs[key] !== undefined && other.inputs[key] === inputs[key]),
        );
      if (taken) {
        const said = keys.map((key) => `${key} ${JSON.stringify(inputs[key])}`).join(", ");
        throw new CloudError(409, kind.conflict?.(inputs) ?? `${said} is taken already`);
      }
    }
  }

  private async fault(operation: OperationName, type: string) {
    const { kind, delaySeconds } = this.needs.faults.next(operation, type);
    if (delaySeconds > 0) await sleep(delaySeconds * 1_000);
    return kind;
  }
}

function answered(fault: "error" | "429"): CloudError {
  return fault === "429"
    ? new CloudError(429, "API rate limit exceeded")
    : new CloudError(500, "the server was unable to process your request (made to fail)");
}

/** Outputs that an update does not mention stay as they were. */
function withMade(resource: CloudResource, made: Made): CloudResource {
  return {
    ...resource,
    outputs: { ...resource.outputs, ...made.outputs },
    hidden: { ...resource.hidden, ...made.hidden },
    ready: true,
  };
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
