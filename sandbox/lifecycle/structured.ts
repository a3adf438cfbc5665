import { UsageError } from "../../report/stackFile";

/**
 * A setting's value: what its text holds where that is a list or a group in JSON, else the text.
 *
 * @throws UsageError where it only begins like JSON.
 */
export function structured(key: string, text: string): unknown {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--set ${key}: it begins like JSON and is none; quote it as a whole`);
  }
}
