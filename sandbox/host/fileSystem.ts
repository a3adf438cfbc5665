import { lstatSync, renameSync, rmSync, symlinkSync } from "node:fs";

/** Deletes a file or a link; true if there was one. */
export function removeFile(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(path, { force: true });
  return true;
}

/** Points a link at a target at once, with no moment without the link. */
export function point(link: string, target: string): void {
  const temporary = `${link}.new`;
  rmSync(temporary, { force: true });
  symlinkSync(target, temporary);
  renameSync(temporary, link);
}
