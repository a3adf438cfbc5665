/** Marks of the Pulumi wire format for values that are no plain JSON. */
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const assetMark = "c44067f5952c0a294b673a41bacd8c17";
const archiveMark = "0def7320c3a5731c473e5ecbe6d01bc7";
const resourceMark = "5cf8f73096256a8f31e491e813e4eb8e";
const unknownMark = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Stands for a value that only a deploy will know. */
export const unknownText = "[unknown]";
/** Stands for a secret, known or not. */
export const secretText = "[secret]";

/** A value as a secret in the wire format; unknown where there is none. */
export function secretOf(value: unknown): object {
  return { [signature]: secretMark, value: value ?? unknownMark };
}

/** A value from the wire format as a report may show it: no secret survives. */
export function plainValue(value: unknown): unknown {
  if (value === unknownMark) return unknownText;
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value !== "object" || value === null) return value;
  const object = value as Record<string, unknown>;
  switch (object[signature]) {
    case secretMark:
      return secretText;
    case assetMark:
      return { asset: object.path ?? object.uri ?? "text" };
    case archiveMark:
      return { archive: object.path ?? object.uri ?? "assets" };
    case resourceMark:
      return object.urn;
    default:
      return Object.fromEntries(
        Object.entries(object).map(([key, child]) => [key, plainValue(child)]),
      );
  }
}
