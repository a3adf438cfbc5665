/** Where an engine can come from, in the order in which they are tried. */
export type EngineSource = "PULUMI_BIN" | "PATH" | "cache" | "download" | "go";

/** One place that was looked at, and what was found there. */
export interface Attempt {
  readonly source: EngineSource;
  /** "used", or why it could not be. */
  readonly outcome: string;
}

/** A Pulumi CLI that answers, is recent enough, and has a Node language host. */
export interface Engine {
  /** Absolute path of the `pulumi` executable. */
  readonly path: string;
  /** E.g. "3.250.0". */
  readonly version: string;
  readonly source: EngineSource;
  /** How it came about, in words. */
  readonly why: string;
  /**
   * Directory to put on PATH in front: `pulumi-language-nodejs` of this engine lies there. Absent
   * where the engine takes the right one by itself.
   */
  readonly languageHostDir?: string;
  readonly tried: readonly Attempt[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** How long things may take, milliseconds. */
export interface Limits {
  /** One answer of `pulumi version` or `go version`. */
  readonly answer: number;
  /** From the request to the first byte of a download, proxy and TLS included. */
  readonly connect: number;
  /** A download during which nothing arrives. */
  readonly stall: number;
  readonly goBuild: number;
  /** Between two lines of progress. */
  readonly progress: number;
}

export interface EngineOptions {
  /** @default process.env */
  readonly environment?: Environment;
  /** Where engines are kept that were downloaded or built. @default .cache/engine of the checkout */
  readonly cacheDirectory?: string;
  /** Whether one may be downloaded or built where none is at hand. @default true */
  readonly make?: boolean;
  /** Base URL of the official releases. */
  readonly releasesUrl?: string;
  readonly onProgress?: (line: string) => void;
  readonly limits?: Partial<Limits>;
}

/** The same with every default filled in. */
export interface EngineSettings extends Required<EngineOptions> {
  readonly limits: Limits;
}

/** Why one source gives no engine; the next one is tried. */
export class Unusable extends Error {
  override readonly name = "Unusable";
}

/** No usable engine anywhere: what was tried, and the ways out. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  constructor(
    headline: string,
    readonly tried: readonly Attempt[],
    waysOut: readonly string[],
  ) {
    const width = Math.max(...tried.map(({ source }) => source.length));
    super(
      [
        headline,
        ...tried.map(({ source, outcome }) => `  ${source.padEnd(width)}  ${outcome}`),
        "Ways out:",
        ...waysOut.map((way) => `  - ${way}`),
      ].join("\n"),
    );
  }
}
