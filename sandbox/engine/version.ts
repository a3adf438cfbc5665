/** A version by its parts; `pre` is what follows the hyphen, e.g. "alpha.1". */
interface Version {
  readonly numbers: readonly [number, number, number];
  readonly pre: string | undefined;
}

function parse(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)(?:-([\w.-]+))?(?:\+[\w.-]+)?$/.exec(text);
  if (match === null) return undefined;
  const [, major, minor, patch, pre] = match;
  return { numbers: [Number(major), Number(minor), Number(patch)], pre };
}

/** The version that `pulumi version` printed, without its "v"; nothing if that is no version. */
export function printedVersion(output: string): string | undefined {
  const text = output.trim();
  return parse(text) === undefined ? undefined : text.replace(/^v/, "");
}

export function majorOf(version: string): number {
  return required(version).numbers[0];
}

/** A pre-release counts as older than its release; two pre-releases of one release as equally old. */
export function isOlder(version: string, than: string): boolean {
  const [a, b] = [required(version), required(than)];
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0;
    if (number !== other) return number < other;
  }
  return a.pre !== undefined && b.pre === undefined;
}

function required(text: string): Version {
  const version = parse(text);
  if (version === undefined) throw new TypeError(`"${text}" is no version such as 3.250.0`);
  return version;
}
