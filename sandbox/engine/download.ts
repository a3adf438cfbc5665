import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Workshop } from "./cache";
import { failureOf, runCommand } from "./command";
import { get, reasonOf } from "./http";
import { withProgress } from "./progress";
import { engineVersion } from "./requirements";
import { Unusable, type EngineSettings } from "./types";

/** Systems that official releases exist for, as Node names them. */
const released = ["linux x64", "linux arm64", "darwin x64", "darwin arm64"];
const mostChecksumBytes = 1024 * 1024;
const unpackMs = 5 * 60_000;

/**
 * Fetches the official release into the workshop and says where from. The npm package `pulumi` is
 * not used: it runs an install script from the internet, checks no sum, and keeps the result in the
 * home directory. The published sum proves that the archive arrived whole; that both come from
 * Pulumi rests on TLS, so neither is taken over a redirect to plain HTTP.
 */
export async function download(workshop: Workshop, settings: EngineSettings): Promise<string> {
  const system = `${process.platform} ${process.arch}`;
  if (!released.includes(system)) throw new Unusable(`there is no release for ${system}`);
  const name = `pulumi-v${engineVersion}-${system.replace(" ", "-")}.tar.gz`;

  // The small file first: it tells within `limits.connect` whether the internet is there.
  const sumsUrl = new URL(`${settings.releasesUrl}/pulumi-${engineVersion}-checksums.txt`);
  const expected = checksumIn(await textFrom(sumsUrl, settings), name);
  if (expected === undefined) throw new Unusable(`${sumsUrl.href} has no checksum of ${name}`);

  const archive = join(workshop.scratch, name);
  const url = new URL(`${settings.releasesUrl}/${name}`);
  const actual = await save(url, archive, settings);
  if (actual !== expected) {
    throw new Unusable(`${url.href} has the checksum ${actual}, not ${expected} as published`);
  }
  await unpack(archive, join(workshop.entry, "bin"), settings);
  return `downloaded from ${url.host}, checksum verified`;
}

/** The SHA-256 of a file in the output format of `sha256sum`. */
export function checksumIn(text: string, name: string): string | undefined {
  for (const line of text.split("\n")) {
    const [, sum, file] = /^([0-9a-f]{64})\s+\*?(\S+)\s*$/i.exec(line) ?? [];
    if (file === name) return sum?.toLowerCase();
  }
  return undefined;
}

async function textFrom(url: URL, settings: EngineSettings): Promise<string> {
  const response = await get(url, settings);
  let text = "";
  try {
    for await (const chunk of response.setEncoding("utf8")) {
      text += String(chunk);
      if (text.length > mostChecksumBytes) {
        throw new Unusable(`${url.href} is too long to be a list of checksums`);
      }
    }
  } catch (error) {
    throw interrupted(url, error);
  }
  return text;
}

/** Writes a download to a file; the answer is its SHA-256. */
async function save(url: URL, file: string, settings: EngineSettings): Promise<string> {
  const response = await get(url, settings);
  const total = megabytes(Number(response.headers["content-length"] ?? 0));
  const hash = createHash("sha256");
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  try {
    await withProgress(
      () => `downloading Pulumi ${engineVersion} (${megabytes(bytes)} of ${total} MB)`,
      { say: settings.onProgress, every: settings.limits.progress },
      () => pipeline(response, counter, createWriteStream(file)),
    );
  } catch (error) {
    throw interrupted(url, error);
  }
  return hash.digest("hex");
}

/** The archive holds one directory, `pulumi`, with the engine and its language hosts. */
async function unpack(archive: string, into: string, settings: EngineSettings): Promise<void> {
  const outcome = await runCommand(
    "tar",
    ["-xzf", archive, "-C", into, "--strip-components=1", "--no-same-owner"],
    { environment: settings.environment, timeout: unpackMs },
  );
  if (outcome.code !== 0) throw new Unusable(`tar could not unpack it (${failureOf(outcome)})`);
}

function interrupted(url: URL, error: unknown): Unusable {
  if (error instanceof Unusable) return error;
  return new Unusable(`the download of ${url.href} broke off (${reasonOf(error)})`);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}
