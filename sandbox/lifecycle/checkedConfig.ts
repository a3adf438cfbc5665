import { checkSettings } from "../../config";
import { withSetting } from "../../report/stackFile";
import { encryptedHere } from "../../settings/encrypted";
import { newSshKeys, sandboxConfig } from "./stackConfig";
import { structured } from "./structured";

/**
 * Refuses a configuration that the program would refuse, before anything is started or written.
 *
 * @returns the settings that are no secrets, by full key.
 * @throws ConfigProblems with every problem at once; UsageError where a setting is malformed.
 */
export function requireGoodConfig(
  stack: string,
  tier: string,
  set: readonly string[],
): Readonly<Record<string, string>> {
  const keys = newSshKeys();
  const { values, secrets } = sandboxConfig(stack, tier, set, keys);
  const hidden = Object.keys(secrets).map((path) => `${path}=${encryptedHere}`);
  const whole = hidden.reduce(withSetting, { values, secretKeys: [] });
  const given = Object.entries(whole.values).map(
    ([key, text]) => [key.replace(/^drops:/, ""), structured(key, text)] as const,
  );
  checkSettings(
    stack,
    Object.fromEntries(given),
    new Set(Object.keys(secrets).map((path) => path.replace(/^drops:/, "").split(".")[0] ?? "")),
  );
  return values;
}
