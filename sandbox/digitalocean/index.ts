import { z } from "zod";
import type { Provider } from "../cloud/kind";
import { app } from "./app";
import { monitorAlert, uptimeAlert, uptimeCheck } from "./alerts";
import { getDatabaseCa } from "./databaseCa";
import { databaseClusterKind } from "./databaseCluster";
import type { Clock } from "./databaseClusterRules";
import { databaseFirewall } from "./databaseFirewall";
import { databaseDb, databaseUser } from "./databaseParts";
import { databasePool } from "./databasePool";
import { databaseReplicaKind } from "./databaseReplica";
import { droplet } from "./droplet";
import { firewall } from "./firewall";
import { refusal } from "./refusal";
import { reservedIp, reservedIpAssignment } from "./reservedIp";
import { spacesBucket, spacesKey } from "./spaces";
import { sshKey } from "./sshKey";
import { vpc } from "./vpc";

/** The engine hands a provider's settings over as text, whatever they are. */
const count = z
  .union([z.number(), z.string().regex(/^\d+(\.\d+)?$/, "expected a number")])
  .optional();

/** No request leaves this machine, so a token is not needed; one that is set must look like one. */
const configuration = z.object({
  token: z.string().min(20, "too short for a DigitalOcean token").optional(),
  apiEndpoint: z.string().optional(),
  spacesEndpoint: z.string().optional(),
  spacesAccessId: z.string().optional(),
  spacesSecretKey: z.string().optional(),
  httpRetryMax: count,
  httpRetryWaitMax: count,
  httpRetryWaitMin: count,
  requestsPerSecond: count,
});

/** @param now Date on which things are bought: some plans end on a stated day. */
export function digitaloceanOn(now: Clock): Provider {
  return {
    name: "digitalocean",
    kinds: [
      ...[vpc, sshKey, droplet, reservedIp, reservedIpAssignment, firewall, app],
      ...[databaseClusterKind(now), databaseDb, databaseUser, databaseFirewall],
      ...[databaseReplicaKind(now), databasePool],
      ...[spacesBucket, spacesKey, uptimeCheck, uptimeAlert, monitorAlert],
    ],
    lookups: [getDatabaseCa],
    configuration,
    refusal,
  };
}

export const digitalocean = digitaloceanOn(() => new Date());
