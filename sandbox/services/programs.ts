import { delimiter, isAbsolute, join } from "node:path";
import { isExecutableFile } from "../engine/executables";

/** Where Debian and Homebrew keep servers off a user's path. */
const usual = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"] as const;

/** How an installed program is found; undefined: it is not installed. */
export type FindProgram = (name: string) => string | undefined;

/** Path of a program by its name on the path, or where systems keep servers. */
export const findProgram: FindProgram = (name) =>
  [...(process.env["PATH"] ?? "").split(delimiter).filter(isAbsolute), ...usual]
    .map((directory) => join(directory, name))
    .find(isExecutableFile);
