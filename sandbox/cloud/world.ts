import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { CloudResource, World } from "../contracts";

const FORMAT = 1;

/**
 * All resources of all stacks, in one file. Every change is on disk before it is answered, written
 * aside and renamed, so whoever is killed at any moment leaves the state before or after.
 */
export class WorldStore implements World {
  private readonly resources = new Map<string, CloudResource>();
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly file: string) {
    for (const resource of read(file)) this.resources.set(key(resource), resource);
  }

  all(type: string): readonly CloudResource[] {
    return this.everything().filter((resource) => resource.type === type);
  }

  get(type: string, id: string): CloudResource | undefined {
    return this.resources.get(key({ type, id }));
  }

  everything(): readonly CloudResource[] {
    return [...this.resources.values()];
  }

  put(resource: CloudResource): void {
    this.resources.set(key(resource), resource);
    this.save();
  }

  remove(resource: Pick<CloudResource, "type" | "id">): void {
    if (this.resources.delete(key(resource))) this.save();
  }

  /** Called after every change. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  private save(): void {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const text = JSON.stringify({ format: FORMAT, resources: this.everything() }, null, 1);
    // It holds passwords.
    writeFileSync(`${this.file}.new`, text, { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
    for (const listener of this.listeners) listener();
  }
}

function read(file: string): readonly CloudResource[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const { format, resources } = JSON.parse(text) as {
    format: number;
    resources: readonly CloudResource[];
  };
  if (format !== FORMAT) {
    throw new Error(
      `${file} was written by another version (format ${format}, not ${FORMAT}): start over with ` +
        "`npx drops sandbox reset`",
    );
  }
  return resources;
}

const key = ({ type, id }: Pick<CloudResource, "type" | "id">): string => `${type} ${id}`;
