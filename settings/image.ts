/** A container image by digest, in the words of App Platform's `image`. */
export interface ImageReference {
  readonly registryType: "GHCR" | "DOCR" | "DOCKER_HUB";
  /** Owner of the repository; DigitalOcean's own registry is the account's and must not be named. */
  readonly registry?: string;
  readonly repository: string;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
}

/** What is wrong with the text of an image, and a text that is right as far as that can be told. */
export interface ImageFault {
  readonly what: string;
  readonly mended: string;
}

/** Registries that App Platform pulls from, by the host that stands first in an image's name. */
const registries = {
  "ghcr.io": "GHCR",
  "registry.digitalocean.com": "DOCR",
  "docker.io": "DOCKER_HUB",
} as const satisfies Record<string, ImageReference["registryType"]>;

const digestPattern = /^sha256:[0-9a-f]{64}$/;
const namePart = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;

export const imageWords =
  "ghcr.io/OWNER/NAME@sha256:…, registry.digitalocean.com/REGISTRY/NAME@sha256:… or docker.io/OWNER/NAME@sha256:…, with all 64 digits of the digest";
/** Passes the check, and is listed as a value to replace. */
export const exampleImage = `ghcr.io/replace-me/drops@sha256:${"0".repeat(64)}`;

/** Reads the text of an image, or says what is wrong with it. */
export function readImage(text: string): ImageReference | ImageFault {
  const scheme = /^[a-z+]+:\/\//i.exec(text)?.[0] ?? "";
  const [name = "", digest, ...more] = text.slice(scheme.length).split("@");
  const path = name.replace(/:[^/:]*$/, "");
  const fault = (what: string): ImageFault => ({ what, mended: likely(path, digest) });

  if (/\s/.test(text)) return fault("with a space in it");
  if (scheme !== "") return fault("with a scheme, which the name of an image does not have");
  if (digest === undefined) {
    return fault("without a digest: a tag can be moved, and every instance pulls for itself");
  }
  if (more.length > 0) return fault("with more than one @");
  if (name !== path) return fault("with a tag beside the digest: App Platform takes one of them");
  if (/[A-Z]/.test(name)) return fault("with capital letters, which names of images do not have");
  if (!digestPattern.test(digest)) {
    return fault("with a digest that is not sha256: and 64 hexadecimal digits in lower case");
  }
  const [host = "", ...parts] = path.split("/");
  if (!isRegistry(host)) {
    return isHost(host)
      ? fault(`from ${host}, which App Platform cannot pull from`)
      : fault("without the host of a registry");
  }
  const registryType = registries[host];
  const [owner, ...names] = parts;
  if (owner === undefined || names.length === 0 || !parts.every((part) => namePart.test(part))) {
    return fault("without an owner and a name in the registry");
  }
  if (registryType === "DOCKER_HUB" && names.length > 1) {
    return fault("with more than an owner and a name on Docker Hub");
  }
  return {
    registryType,
    ...(registryType !== "DOCR" && { registry: owner }),
    repository: names.join("/"),
    digest,
  };
}

const isRegistry = (host: string): host is keyof typeof registries =>
  Object.hasOwn(registries, host);
/** Docker's tools take what is no host for the owner of a repository on Docker Hub. */
const isHost = (first: string): boolean => /[.:]/.test(first) || first === "localhost";

/** What somebody who wrote this path may have meant; what is not known stays in capital letters. */
function likely(path: string, digest: string | undefined): string {
  const parts = path
    .toLowerCase()
    .replaceAll(/\s/g, "")
    .split("/")
    .filter((part) => part !== "");
  const [first = ""] = parts;
  const host = isRegistry(first) ? first : isHost(first) || first === "" ? "ghcr.io" : "docker.io";
  const rest = isHost(first) ? parts.slice(1) : parts;
  const own = isRegistry(first) || !isHost(first);
  const [owner, ...names] = rest.length > 1 ? rest : ["OWNER", ...rest];
  const where = own ? owner : "OWNER";
  const lower = digest?.toLowerCase() ?? "";
  return (
    `${host}/${where}/${(host === "docker.io" ? names.slice(-1) : names).join("/") || "NAME"}` +
    `@${digestPattern.test(lower) ? lower : "sha256:DIGEST"}`
  );
}

/** Whether `readImage` refused the text. */
export function isFault(read: ImageReference | ImageFault): read is ImageFault {
  return "what" in read;
}

/**
 * The image that a checked configuration names.
 *
 * @throws Error where the text is none.
 */
export function parseImage(text: string): ImageReference {
  const read = readImage(text);
  if (isFault(read)) throw new Error(`image: must be ${imageWords}, got one ${read.what}`);
  return read;
}
