/** A container image by digest, as ECS pulls it. */
export interface LargeImage {
  /** Name without the digest, e.g. `ghcr.io/owner/drops`; undefined: the stack's own repository. */
  readonly name: string | undefined;
  /** Host of the registry; undefined for the stack's own repository. */
  readonly host: string | undefined;
  /** `sha256:` and 64 hexadecimal digits. */
  readonly digest: string;
}

const digestPattern = /^sha256:[0-9a-f]{64}$/;
const hostPattern = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}(:\d{1,5})?$/;
const namePart = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;

export const largeImageWords =
  "sha256:… (an image in the stack's own repository) or HOST/OWNER/NAME@sha256:…, with all 64 digits of the digest";
/** Passes the check, and is listed as a value to replace. */
export const exampleLargeImage = `ghcr.io/replace-me/drops@sha256:${"0".repeat(64)}`;

/** Reads the text of an image, or says what is wrong with it. */
export function readLargeImage(text: string): LargeImage | { readonly what: string } {
  if (/\s/.test(text)) return { what: "with a space in it" };
  if (/^[a-z+]+:\/\//i.test(text)) {
    return { what: "with a scheme, which the name of an image does not have" };
  }
  if (digestPattern.test(text)) return { name: undefined, host: undefined, digest: text };
  const [name = "", digest, ...more] = text.split("@");
  if (digest === undefined) {
    return { what: "without a digest: a tag can be moved, and every task pulls for itself" };
  }
  if (more.length > 0) return { what: "with more than one @" };
  if (!digestPattern.test(digest)) {
    return { what: "with a digest that is not sha256: and 64 hexadecimal digits in lower case" };
  }
  const [host = "", ...parts] = name.split("/");
  if (!hostPattern.test(host)) return { what: "without the host of a registry" };
  if (parts.at(-1)?.includes(":")) {
    return { what: "with a tag beside the digest, which says all there is to say" };
  }
  if (parts.length === 0 || !parts.every((part) => namePart.test(part))) {
    return { what: "without a name in the registry, in lower case" };
  }
  return { name, host, digest };
}

/**
 * The image that a checked configuration names.
 *
 * @throws Error where the text is none.
 */
export function parseLargeImage(text: string): LargeImage {
  const read = readLargeImage(text);
  if ("what" in read) throw new Error(`image: must be ${largeImageWords}, got one ${read.what}`);
  return read;
}

/** The registry of an AWS account, which tasks read by their role. */
export function isEcr(image: Pick<LargeImage, "host">): boolean {
  return ecrRegion(image) !== undefined;
}

/** Region of an AWS account's registry; undefined for any other. */
export function ecrRegion({ host }: Pick<LargeImage, "host">): string | undefined {
  return /^\d{12}\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$/.exec(host ?? "")?.[1];
}
