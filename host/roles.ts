import { plain, hostFile } from "./files";
import { paths } from "./paths";
import type { BundleFile, HostSpec } from "./types";

/** Rights of the database's roles, where the administrator's URL travels with the bundle. */
export function rolesFiles(spec: HostSpec): readonly BundleFile[] {
  return spec.grantRoles ? [plain(`${paths.etc}/roles.sql`, hostFile("roles.sql"))] : [];
}
