import * as pulumi from "@pulumi/pulumi";

/** Names inside a managed cluster; the host's grants refer to the roles. */
export const databaseName = "drops";
export const ownerRole = "drops_owner";
export const appRole = "drops_app";

/** Where a database, a replica or a pool of it answers. */
export interface PostgresPlace {
  readonly host: pulumi.Input<string>;
  readonly port: pulumi.Input<number>;
  /** Name by which clients ask for the database; a pool has its own. @default "drops" */
  readonly database?: pulumi.Input<string>;
}

/** A connection URL over TLS with the server's name verified; secret. */
export function postgresUrl(
  { host, port, database = databaseName }: PostgresPlace,
  user: pulumi.Input<string>,
  password: pulumi.Input<string>,
): pulumi.Output<string> {
  const encoded = pulumi.output(password).apply(encodeURIComponent);
  return pulumi.secret(
    pulumi.interpolate`postgresql://${user}:${encoded}@${host}:${port}/${database}?sslmode=verify-full`,
  );
}
