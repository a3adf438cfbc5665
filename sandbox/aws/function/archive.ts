import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { checkout } from "../../places";
import { isRecord } from "../../isRecord";

/*
 * Assets and archives as the engine hands them to a provider: objects with a signature and what they
 * are made of (`@pulumi/pulumi/runtime/rpc`).
 */
const signature = "4dabf18193072939515e22adb298388d";
const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
const archiveSignature = "0def7320c3a5731c473e5ecbe6d01bc7";

export function isArchive(value: unknown): boolean {
  return isRecord(value) && value[signature] === archiveSignature;
}

/**
 * Files of an archive by their paths in it.
 *
 * @throws Error where it is not made of assets, or an asset is somewhere else than on this machine.
 */
export function filesIn(archive: unknown): Readonly<Record<string, string>> {
  if (!isRecord(archive) || !isRecord(archive["assets"])) {
    throw new Error("the embedded cloud takes an archive of assets alone (AssetArchive)");
  }
  const parts = Object.entries(archive["assets"]).map(([path, part]) => {
    if (isArchive(part)) {
      const inner = Object.entries(filesIn(part));
      return inner.map(([name, text]) => [`${path}/${name}`, text] as const);
    }
    return [[path, textOf(part, path)] as const];
  });
  return Object.fromEntries(parts.flat());
}

function textOf(asset: unknown, path: string): string {
  if (isRecord(asset) && asset[signature] === assetSignature) {
    if (typeof asset["text"] === "string" && asset["text"] !== "") return asset["text"];
    const { path: file } = asset;
    if (typeof file === "string" && file !== "") {
      return readFileSync(isAbsolute(file) ? file : join(checkout, file), "utf8");
    }
    if (typeof asset["text"] === "string") return "";
  }
  throw new Error(`${path} is no text and no file of this machine`);
}
