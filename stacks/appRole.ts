import { appRole } from "../components/postgres/urls";

/**
 * Role to which a migration gives the app's rights: the toolkit's own, or that of an external
 * database's URL; undefined where the URL cannot be read here, because it is encrypted.
 */
export function appRoleOf({
  provider,
  url = "",
}: {
  readonly provider: string;
  readonly url?: string | undefined;
}): string | undefined {
  if (provider !== "external") return appRole;
  return URL.canParse(url) ? decodeURIComponent(new URL(url).username) : undefined;
}
