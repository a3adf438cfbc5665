import { freePort } from "./ports";
import { newPostgresPassword, type AuroraSettings, type PostgresSettings } from "./postgresFiles";

/** What a server is made with. */
export interface WantedCluster {
  readonly major: number;
  /** Connections that applications may hold together. */
  readonly connectionLimit: number;
  /** A certificate of the public authority, and no extension beyond those that are there. */
  readonly advanced?: boolean;
  /** As Aurora has it, with a certificate of the public authority too. */
  readonly aurora?: AuroraSettings & {
    /** Whether it is restarted now; without, settings that need it wait. @default false */
    readonly restart?: boolean;
  };
}

/** Whether clients trust whom they trust anyway, and no authority of its own. */
export const hasPublicCertificate = ({ advanced, aurora }: PostgresSettings): boolean =>
  advanced === true || aurora !== undefined;

/** What a new server keeps of it, with a port and passwords of its own. */
export async function newPostgresSettings({
  major,
  connectionLimit,
  advanced,
  aurora,
}: WantedCluster): Promise<PostgresSettings> {
  return {
    ...{ major, connectionLimit, port: await freePort() },
    ...(advanced && { advanced }),
    ...(aurora && { aurora: auroraSettings(aurora) }),
    superuserPassword: newPostgresPassword(),
    administratorPassword: newPostgresPassword(),
  };
}

/** What of a wish is kept. */
export function auroraSettings(wanted: NonNullable<WantedCluster["aurora"]>): AuroraSettings {
  const { master, database, hasInstance, tlsOnly, settings } = wanted;
  return {
    ...{ master, hasInstance, tlsOnly, settings },
    ...(database !== undefined && { database }),
  };
}
