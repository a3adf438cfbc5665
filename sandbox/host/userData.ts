import { posix } from "node:path";
import { parse } from "yaml";
import { z } from "zod";

/** Where the program lies that takes bundles; user data without it makes no host. */
export const dropsHost = "/usr/local/sbin/drops-host";

/** What a machine is after its first boot. */
export interface Boot {
  /** Who may log in over SSH. */
  readonly user: string;
  /** Rules as in sudoers, without the user. */
  readonly sudo: readonly string[];
  readonly files: readonly BootFile[];
}

interface BootFile {
  /** Absolute path on the host. */
  readonly path: string;
  readonly mode: number;
  readonly content: string;
}

// Loose: cloud-init knows more keys than stand for anything here.
const schema = z.object({
  users: z.array(
    z.union([
      z.string(),
      z.object({
        name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
        sudo: z.union([z.string(), z.array(z.string()), z.null()]).optional(),
        ssh_authorized_keys: z.array(z.string().min(1)).optional(),
      }),
    ]),
  ),
  write_files: z.array(
    z.object({
      path: z.string().refine((path) => path.startsWith("/") && posix.normalize(path) === path, {
        message: "must be a plain absolute path",
      }),
      permissions: z
        .string()
        .regex(/^0?[0-7]{3}$/, "must be octal, e.g. 0644")
        .default("0644"),
      content: z.string().default(""),
      encoding: z.undefined("plain text alone is understood").optional(),
    }),
  ),
});

/** Reads a cloud-config as the first boot would; says everything that makes it no host of ours. */
export function readUserData(text: string): Boot {
  if (!text.startsWith("#cloud-config\n")) {
    throw new Error('user data: must be a cloud-config, whose first line is "#cloud-config"');
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    throw new Error("user data: the cloud-config is not YAML");
  }
  const result = schema.safeParse(document);
  if (!result.success) {
    const problems = result.error.issues.map(
      ({ path, message }) => `${path.join(".") || "document"}: ${message}`,
    );
    throw new Error(`user data: ${problems.join("; ")}`);
  }
  const { users, write_files } = result.data;
  const operator = users.find(
    (user) => typeof user === "object" && (user.ssh_authorized_keys ?? []).length > 0,
  );
  if (typeof operator !== "object") {
    throw new Error("user data: users needs one with ssh_authorized_keys, or nobody could log in");
  }
  if (!write_files.some(({ path }) => path === dropsHost)) {
    throw new Error(`user data: write_files needs ${dropsHost}, which takes the bundles`);
  }
  return {
    user: operator.name,
    sudo: [operator.sudo ?? []].flat(),
    files: write_files.map(({ path, permissions, content }) => ({
      path,
      mode: Number.parseInt(permissions, 8),
      content,
    })),
  };
}

/** Whether sudo would run a program as root without asking for a password. */
export function mayRun(boot: Boot, program: string): boolean {
  return boot.sudo.some((rule) => {
    const commands = /^\S+=\((?:root|ALL)(?::ALL)?\)\s*NOPASSWD:\s*(.+)$/.exec(rule)?.[1];
    return commands?.split(/\s*,\s*/).some((each) => each === "ALL" || each === program) ?? false;
  });
}
