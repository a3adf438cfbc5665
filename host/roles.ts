import { plain, hostFile } from "./files";
import { paths } from "./paths";
import type { BundleFile, HostSpec } from "./types";

/** Rights of the database's roles, where the administrator's URL travels with the bundle. */
export function rolesFiles(spec: HostSpec): readonly BundleFile[] {
  if (!spec.grantRoles) return [];
  return ["roles.sql", "owner.sql"].map((name) => plain(`${paths.etc}/${name}`, hostFile(name)));
}
