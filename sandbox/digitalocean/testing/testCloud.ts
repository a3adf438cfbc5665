import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withSecrets } from "../../apps/sealing";
import { checkInputs } from "../../cloud/check";
import { FaultPlan } from "../../cloud/faults";
import type { Cloud, Kind, Provider, Values } from "../../cloud/kind";
import { Operations } from "../../cloud/operations";
import { WorldStore } from "../../cloud/world";
import type { CloudResource, CommandResult } from "../../contracts";
import type { InvocationResult } from "../../containers/contract";

/** One call of a service that stands behind resources. */
export type Call = readonly [name: string, ...args: readonly unknown[]];

/** A cloud for tests: its own world in a directory of its own, and services that only take notes. */
export class TestCloud {
  readonly directory = mkdtempSync(join(tmpdir(), "drops-kinds-"));
  readonly world = new WorldStore(join(this.directory, "world.json"));
  readonly calls: Call[] = [];
  /** What the next commands on hosts answer. */
  result: CommandResult = { status: 0, stdout: "", stderr: "" };
  /** Digest of the one image that there is. */
  readonly image = `sha256:${"5a".repeat(32)}`;
  /** What the next deployments of apps fail with. */
  failure: Error | undefined;
  /** How many images each repository has. */
  images = 0;
  private revision = 0;
  /** What the next invocations of functions answer. */
  invocation: InvocationResult = { payload: "null" };
  readonly cloud: Cloud;
  private readonly operations: Operations;
  private count = 0;

  /** @param configuration Settings of the provider, as the engine hands them over. */
  constructor(
    private readonly providers: readonly Provider[],
    private readonly configuration: Values = {},
  ) {
    this.cloud = {
      world: this.world,
      services: this.services(),
      newId: (style) => {
        this.count += 1;
        const number = String(400_000_000 + this.count);
        return style === "number" ? number : number.padStart(32, "0");
      },
      newPassword: () => `password-${(this.count += 1)}`,
      keep: (resource) => {
        this.world.put({ ...{ urn: "", hidden: {}, ready: true }, ...resource });
      },
    };
    this.operations = new Operations({
      ...{ world: this.world, cloud: this.cloud, faults: new FaultPlan() },
      kindOf: (type) => this.allKinds().find((kind) => kind.type === type),
      crash: () => {
        throw new Error("crashed");
      },
    });
  }

  close(): void {
    rmSync(this.directory, { recursive: true });
  }

  /** By the last part of its type, e.g. "Vpc", or by more of it where several types have that. */
  kind(name: string): Kind {
    const found = this.allKinds().find(({ type }) => type.endsWith(`:${name}`));
    if (!found) throw new Error(`no kind ${name}`);
    return found;
  }

  /** Whether it has resources of a type, e.g. "aws:ec2/vpc:Vpc". */
  has(type: string): boolean {
    return this.allKinds().some((kind) => kind.type === type);
  }

  /** What `status` says does not run for a resource. */
  recorded(name: string, inputs: Values): string | undefined {
    const { recorded } = this.kind(name);
    return typeof recorded === "function" ? recorded(inputs) : recorded;
  }

  /** What the preview says: each refusal as "property: reason". */
  preview(name: string, news: Values): readonly string[] {
    return this.check(name, "test", news).failures.map(
      ({ property, reason }) => `${property}: ${reason}`,
    );
  }

  /** Checked and made. @throws where the check refuses it. */
  async create(
    name: string,
    logical: string,
    news: Values,
    stack = "small",
  ): Promise<CloudResource> {
    const { inputs, failures } = this.check(name, logical, news);
    if (failures.length > 0) throw new Error(`refused in a preview: ${JSON.stringify(failures)}`);
    const { type } = this.kind(name);
    const urn = `urn:pulumi:${stack}::drops::${type}::${logical}`;
    return await this.operations.create(this.kind(name), urn, inputs);
  }

  async update({ type, id, inputs }: CloudResource, changes: Values): Promise<CloudResource> {
    const kind = this.kind(type.slice(type.indexOf(":") + 1));
    return await this.operations.update(kind, id, { ...inputs, ...changes });
  }

  async delete({ type, id }: CloudResource): Promise<void> {
    await this.operations.delete(this.kind(type.slice(type.indexOf(":") + 1)), id);
  }

  private check(name: string, logical: string, news: Values) {
    const kind = this.kind(name);
    const request = { name: logical, news, olds: {}, seed: "seed" };
    const complete = this.providers.find(({ kinds }) => kinds.includes(kind))?.complete;
    return checkInputs(
      kind,
      request,
      complete && ((given) => complete(kind, given, this.configuration)),
    );
  }

  private allKinds(): readonly Kind[] {
    return this.providers.flatMap(({ kinds }) => kinds);
  }

  private services(): Cloud["services"] {
    const note =
      <T>(name: string, answer: () => T) =>
      (...args: readonly unknown[]): Promise<T> => {
        this.calls.push([name, ...args]);
        return Promise.resolve(answer());
      };
    const done = (): undefined => undefined;
    const access = { host: "localhost", port: 25_060, password: "secret/1" };
    return {
      postgres: {
        ensure: note("postgres.ensure", () => ({
          ...access,
          ...{ user: "doadmin", database: "defaultdb", caCertificate: "PEM" },
        })),
        ensurePool: note("postgres.ensurePool", () => ({ port: 25_061 })),
        removePool: note("postgres.removePool", done),
        createDatabase: note("postgres.createDatabase", done),
        dropDatabase: note("postgres.dropDatabase", done),
        createRole: note("postgres.createRole", done),
        dropRole: note("postgres.dropRole", done),
        remove: note("postgres.remove", done),
      },
      valkey: {
        ensure: note("valkey.ensure", () => ({ ...access, user: "default" })),
        remove: note("valkey.remove", done),
      },
      hosts: {
        ensure: note("hosts.ensure", done),
        run: note("hosts.run", () => this.result),
        remove: note("hosts.remove", done),
      },
      apps: {
        hasImage: ({ digest }) => digest === this.image,
        deploy: async (id, spec) => {
          this.calls.push(["apps.deploy", id, spec]);
          if (this.failure) return await Promise.reject(this.failure);
          const deployment = `deployment-${(this.count += 1)}`;
          const told = withSecrets(spec, (secret) => `EV[1:sealed:${secret.length}]`);
          return { deployment, host: "drops-abcde.ondigitalocean.app.localhost", spec: told };
        },
        remove: note("apps.remove", done),
      },
      containers: {
        deployService: async (arn, order) => {
          this.calls.push(["containers.deployService", arn, order]);
          if (this.failure) await Promise.reject(this.failure);
        },
        removeService: note("containers.removeService", done),
        runTask: () => Promise.reject(new Error("no task runs here")),
        describeTask: done,
        listTasks: () => [],
        invoke: note("containers.invoke", () => this.invocation),
        listen: note("containers.listen", done),
        unlisten: note("containers.unlisten", done),
        hasImage: (reference) => reference.endsWith(`@${this.image}`),
        imagesIn: () => this.images,
        forgetImages: (url) => {
          this.calls.push(["containers.forgetImages", url]);
        },
        nextRevision: () => (this.revision += 1),
        balancerTarget: done,
      },
    };
  }
}

/** A rule, and a change of inputs for which it refuses them. */
export interface RefusedCase {
  readonly rule: string;
  readonly change: Values;
  readonly message: string | RegExp;
}
