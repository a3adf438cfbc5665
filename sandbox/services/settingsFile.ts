import type { z } from "zod";
import { textIn } from "./privateFile";

/**
 * What a server keeps about itself; undefined where there is none yet.
 *
 * @throws Error that says what to do where the file is damaged.
 */
export function readSettingsFile<T>(
  { settings, directory }: { readonly settings: string; readonly directory: string },
  shape: z.ZodType<T>,
  server: string,
): T | undefined {
  const text = textIn(settings);
  if (text === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(
      `${settings} is damaged, so its ${server} cannot be reached any more: delete ${directory}, or the whole sandbox with drops sandbox reset`,
      { cause: error },
    );
  }
}
