import type { z } from "zod";
import type { Dated } from "../../prices/types";
import type { Apps } from "../apps";
import type { CloudResource, CommandResult, World } from "../contracts";
import type { Containers } from "../containers/contract";

export type Values = Readonly<Record<string, unknown>>;

/** A property that the provider itself refuses, before anything is asked of the cloud. */
export interface CheckFailure {
  /** Path as the engine shows it, e.g. "rules[0].action". */
  readonly property: string;
  readonly reason: string;
}

/** What the cloud's API answers instead of doing as asked. */
export class CloudError extends Error {
  override readonly name = "CloudError";
  constructor(
    /** HTTP status. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** An input that must be the id (or another property) of a resource that exists. */
export interface Reference {
  /** Top-level input, or a path such as "rules[].value"; absent values are no references. */
  readonly input: string;
  readonly type: string;
  /** Property of the other that it names. @default "id" */
  readonly property?: string;
  /** What it may name instead. */
  readonly or?: { readonly type: string; readonly property?: string };
  /**
   * What deleting the other does while this one names it: it is refused, this one stays as it is, or
   * this one goes with it. @default "refuse"
   */
  readonly onDelete?: "refuse" | "release" | "cascade";
  /** Counts only where this holds for what the value stands in, e.g. a rule of type "droplet". */
  readonly when?: (holder: Values) => boolean;
}

/** What a kind may ask of the cloud while it creates, updates or deletes. */
export interface Cloud {
  readonly world: World;
  readonly services: CloudServices;
  /** A fresh identifier in the provider's style. */
  newId(style: "uuid" | "number" | "hex"): string;
  /** A password as the provider would generate it. */
  newPassword(): string;
  /**
   * Writes down what exists without a stack's word: a snapshot that outlives its database, or what
   * became of another resource.
   */
  keep(
    resource: Pick<CloudResource, "type" | "id" | "inputs" | "outputs"> & Partial<CloudResource>,
  ): void;
}

/** The real things behind resources, by the id of their resource. */
export interface CloudServices {
  readonly postgres: {
    /** Makes it if it is not there, starts it, and resolves when it answers. */
    ensure(
      id: string,
      spec: {
        readonly major: number;
        readonly connectionLimit: number;
        /**
         * A certificate of a public authority, and no extension beyond those that are there. It cannot
         * change later. @default an authority of its own
         */
        readonly advanced?: boolean;
        /**
         * As Aurora has it, with a certificate of a public authority. Without an instance it only has
         * its port; `restart` brings in now what otherwise waits for one.
         */
        readonly aurora?: {
          readonly master: { readonly user: string; readonly password: string };
          readonly database?: string;
          readonly hasInstance: boolean;
          readonly tlsOnly: boolean;
          /** Settings of the server beside those that the sandbox decides. */
          readonly settings: Readonly<Record<string, string>>;
          readonly restart?: boolean;
        };
      },
    ): Promise<{
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
      /** Of the authority that has signed its certificate. */
      readonly caCertificate: string;
    }>;
    /**
     * Has the name of a pool lead to a database of the server, on a port that all pools of it share;
     * connections pass through, none is shared.
     */
    ensurePool(
      id: string,
      pool: { readonly name: string; readonly database: string },
    ): Promise<{
      readonly port: number;
    }>;
    removePool(id: string, name: string): Promise<void>;
    createDatabase(id: string, name: string): Promise<void>;
    dropDatabase(id: string, name: string): Promise<void>;
    /** Sets the password where the role exists already. */
    createRole(id: string, name: string, password: string): Promise<void>;
    dropRole(id: string, name: string): Promise<void>;
    /** Stops it and deletes its files. */
    remove(id: string): Promise<void>;
  };
  readonly valkey: {
    ensure(
      id: string,
      spec: {
        readonly evictionPolicy?: string;
        /** Primaries of a cluster. @default a single server without cluster mode */
        readonly shards?: number;
        /**
         * Passwords that count, the newest first; none: it asks for none. @default one of its own
         */
        readonly passwords?: readonly string[];
      },
    ): Promise<{
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
    }>;
    remove(id: string): Promise<void>;
  };
  readonly hosts: {
    /** A machine that has booted with this user data. */
    ensure(id: string, spec: { readonly name: string; readonly userData: string }): Promise<void>;
    /** What SSH would do: connect, log in, run. A refusal to connect or to log in is an error. */
    run(args: {
      readonly id: string;
      readonly user: string;
      readonly command: string;
      readonly stdin: string;
      readonly environment: Readonly<Record<string, string>>;
    }): Promise<CommandResult>;
    remove(id: string): Promise<void>;
  };
  /** Containers on a platform. */
  readonly apps: Pick<Apps, "hasImage" | "deploy" | "remove">;
  /** What runs of AWS: tasks of ECS, balancers before them, functions. */
  readonly containers: Omit<Containers, "startAll" | "stopAll" | "statuses">;
}

/** Inputs, id and cloud of one operation. */
export interface Operation {
  readonly cloud: Cloud;
  readonly urn: string;
  readonly id: string;
  readonly inputs: Values;
  /** The resource as it was; absent while it is created. */
  readonly before?: CloudResource;
}

/** What a resource has beside its inputs. */
export interface Made {
  readonly outputs?: Values;
  readonly hidden?: Values;
}

/**
 * One type of resource: what its inputs may be, what the cloud refuses, what stands behind it. All
 * but `create` is optional data, so that most types are a table.
 */
export interface Kind {
  /** Type token, e.g. "digitalocean:index/vpc:Vpc". */
  readonly type: string;
  /** Strict: an input that is not here is refused. Values that are not yet known are left out. */
  readonly inputs: z.ZodObject;
  /**
   * Inputs that may hold a secret, or paths to such values (e.g. "spec.envs", "rules[].token"): no
   * message shows them, nor what holds them.
   */
  readonly sensitive?: readonly string[];
  /** Inputs whose change replaces the resource. */
  readonly immutable: readonly string[];
  /**
   * Inputs that the API tells otherwise than they were given: a new value is compared with what was
   * told, not with what was given.
   */
  readonly told?: readonly string[];
  /**
   * Whether the old one must go first when it is replaced (its name or place can exist once); for
   * some only where the program has chosen the name.
   */
  readonly deleteBeforeReplace?: boolean | ((inputs: Values, logicalName: string) => boolean);
  /** The input that gets the logical name and seven random digits where it is not given. */
  readonly autoName?: string;
  /** Values of inputs that are not given; they count as inputs from then on. */
  readonly defaults?: Values;
  readonly references?: readonly Reference[];
  /** Inputs that no two resources of the type may share, together. Message: `conflict`. */
  readonly unique?: readonly (readonly string[])[];
  readonly conflict?: (inputs: Values) => string;
  /** What the API answers where it is deleted while others name it; with their logical names. */
  readonly inUse?: (names: readonly string[]) => string;
  /** Most of this type in an account, and where that is said. */
  readonly quota?: { readonly most: number; readonly dated: Dated };
  /** What the provider refuses at preview time, beyond shapes; unknown inputs are absent. */
  readonly check?: (inputs: Values) => readonly CheckFailure[];
  /** What only the API refuses, at creation and (with `before`) at a change. Throws CloudError. */
  readonly refuse?: (operation: Operation) => void;
  readonly idStyle: "uuid" | "number" | "hex" | ((inputs: Values, cloud: Cloud) => string);
  readonly create?: (operation: Operation) => Promise<Made> | Made;
  readonly update?: (
    operation: Operation & { readonly before: CloudResource },
  ) => Promise<Made> | Made;
  /** Throws CloudError where the API refuses to delete it. */
  readonly delete?: (
    operation: Operation & { readonly before: CloudResource },
  ) => Promise<void> | void;
  /**
   * What `status` says where nothing runs for it, or not for all of it; absent: something real
   * stands behind it.
   */
  readonly recorded?: string | ((inputs: Values) => string | undefined);
}

/** A data source. */
export interface Lookup {
  /** E.g. "digitalocean:index/getDatabaseCa:getDatabaseCa". */
  readonly token: string;
  readonly answer: (inputs: Values, cloud: Cloud) => Promise<Values> | Values;
}

/** A cloud: its types, its data sources, and how it words a refusal. */
export interface Provider {
  /** Package name, e.g. "digitalocean". */
  readonly name: string;
  readonly kinds: readonly Kind[];
  readonly lookups: readonly Lookup[];
  /** The provider's own configuration, refused where it is wrong. */
  readonly configuration: z.ZodObject;
  /**
   * What the provider's own settings give a resource: values of inputs that are not given (`inputs`,
   * e.g. its region), and what is kept with the inputs but is none (`beside`, e.g. all its tags).
   */
  readonly complete?: (
    kind: Kind,
    given: Values,
    configuration: Values,
  ) => { readonly inputs: Values; readonly beside: Values };
  /** A refusal as the real provider prints it. */
  readonly refusal: (
    error: CloudError,
    request: {
      readonly verb: "create" | "update" | "delete" | "read";
      readonly type: string;
      readonly id?: string;
      /** What was asked for, or what there was. */
      readonly inputs?: Values;
    },
  ) => string;
}
