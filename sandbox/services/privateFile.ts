import { writeAtOnce } from "../files";

export { textIn } from "../files";

/** Writes a file, at once, that its owner alone may read. */
export function writePrivately(file: string, text: string): void {
  writeAtOnce(file, text, 0o600);
}
