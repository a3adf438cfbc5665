import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { textIn, writeAtOnce } from "../files";
import type { AppImage } from "./spec";

/** An image that this machine has: a directory, and what its Dockerfile says beside. */
export interface LocalImage {
  /** Directory that is the container's working directory. */
  readonly directory: string;
  /** What `ENV` sets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** The registry of the embedded cloud's account at DigitalOcean. */
export const accountRegistry = "registry.digitalocean.com/sandbox";

/** What a container runs where its component says nothing. */
export const imageCommand = "node dist/index.js";

const shape = z.record(
  z.string(),
  z.object({ directory: z.string(), environment: z.record(z.string(), z.string()) }),
);

/** Whole name of an image, e.g. "ghcr.io/octocat/drops@sha256:…", as people write it. */
export function referenceOf({ registryType, registry, repository, digest, tag }: AppImage): string {
  const host = { DOCR: accountRegistry, GHCR: "ghcr.io", DOCKER_HUB: "docker.io" }[registryType];
  const place = [host ?? registryType, registry, repository].filter((part) => part !== undefined);
  return `${place.join("/")}${digest === undefined ? `:${tag ?? "latest"}` : `@${digest}`}`;
}

/** The registries of the world as far as the embedded cloud knows them: images by digest. */
export class ImageRegistry {
  constructor(private readonly file: string) {}

  /** @param reference With its registry and digest, e.g. "ghcr.io/octocat/drops@sha256:…". */
  register(reference: string, { directory, environment }: LocalImage): void {
    if (!/^[\w.-]+(\/[\w.-]+)+@sha256:[0-9a-f]{64}$/.test(reference)) {
      throw new Error(`"${reference}" is no image by digest: REGISTRY/REPOSITORY@sha256:…`);
    }
    if (!existsSync(join(directory, "dist"))) {
      throw new Error(`${directory} is no image: it has no directory "dist"`);
    }
    const images = { ...this.read(), [reference]: { directory, environment } };
    writeAtOnce(this.file, JSON.stringify(images), 0o600);
  }

  find(image: AppImage): LocalImage | undefined {
    return this.at(referenceOf(image));
  }

  /** By its whole name, digest included. */
  at(reference: string): LocalImage | undefined {
    const found = this.read()[reference];
    return found && existsSync(found.directory) ? found : undefined;
  }

  /** Whole names of a repository's images. */
  of(repository: string): readonly string[] {
    return Object.keys(this.read()).filter((reference) => reference.startsWith(`${repository}@`));
  }

  /** Deletes a repository's images. */
  forget(repository: string): void {
    const gone = this.of(repository);
    if (gone.length === 0) return;
    const kept = Object.entries(this.read()).filter(([reference]) => !gone.includes(reference));
    writeAtOnce(this.file, JSON.stringify(Object.fromEntries(kept)), 0o600);
  }

  private read(): z.infer<typeof shape> {
    const text = textIn(this.file);
    return text === undefined ? {} : shape.parse(JSON.parse(text));
  }
}
