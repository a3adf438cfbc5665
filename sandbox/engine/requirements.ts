/** The engine that is downloaded or built where the machine has none; go/cli/go.mod names it too. */
export const engineVersion = "3.250.0";

/** What is asked of an engine, and the first release that has it. */
export const needs = [
  {
    what: "the resource option replacementTrigger (a droplet is rebuilt by it)",
    since: "3.215.0",
    source: "https://www.pulumi.com/blog/triggering-resource-replacements/ (2026-01-19)",
  },
  {
    what: "plugins.providers[].path in Pulumi.yaml (the embedded cloud's providers)",
    since: "3.37.0",
    source: "https://github.com/pulumi/pulumi/pull/10146 (July 2022)",
  },
] as const;

/**
 * Oldest engine that has all of it; an older one would ignore replacementTrigger without a word.
 * Tried with @pulumi/pulumi 3.248: 3.216.0 and 3.250.0 (a provider by path, create, replacement by
 * the trigger, refresh with pending creates named, destroy).
 */
export const oldestEngine = "3.215.0";

export const languageHostName = "pulumi-language-nodejs";

/** Official releases: `pulumi-v<version>-<os>-<arch>.tar.gz` and `pulumi-<version>-checksums.txt`. */
export const releasesUrl = "https://get.pulumi.com/releases/sdk";

export const documents = {
  installPulumi: "https://www.pulumi.com/docs/install/",
  installGo: "https://go.dev/doc/install",
} as const;
