import {
  acuProblem,
  auroraLimits,
  auroraPostgresVersions,
  databaseInsights,
  isAuroraPostgresVersion,
  zonesOf,
} from "../../../prices/aws";
import type { Operation } from "../../cloud/kind";
import { postgresMajor } from "../../services/postgresFiles";
import { AwsError } from "../refusal";
import { regionOf } from "../shapes";
import { majorOf } from "./auroraServer";
import type { ClusterInputs } from "./auroraCluster";
import { windowProblem } from "./windows";
import { clusterParameterGroupType, invalidCombination, invalidValue, named } from "./words";

/** Words that Aurora PostgreSQL keeps for itself. */
const reservedUsers = ["admin", "rdsadmin", "rds_superuser", "rdsrepladmin", "public", "user"];
const reservedDatabases = ["rdsadmin", "template0", "template1", "db", "database"];

/** What only the API refuses about a cluster. */
export function refuseCluster(operation: Operation): void {
  const given = operation.inputs as ClusterInputs;
  requireEngine(given);
  requireLogin(given);
  requireNames(given);
  requireStorage(given);
  requireBackups(given);
  requireInsights(given);
  requireParameterGroup(operation, given);
  const zones = zonesOf(regionOf(operation.inputs));
  const nowhere = given.availabilityZones?.find((zone) => zones?.includes(zone) === false);
  if (nowhere !== undefined) {
    throw invalidValue(`Availability zone '${nowhere}' is unavailable in this region.`);
  }
  if (operation.before?.ready) refuseChange(given, operation.before.inputs as ClusterInputs);
}

function requireEngine({ engine, engineMode, engineVersion, ...given }: ClusterInputs): void {
  if (engine !== "aurora-postgresql") {
    throw invalidValue(`engine ${engine}: the embedded cloud has aurora-postgresql alone`);
  }
  if (engineMode !== undefined && engineMode !== "" && engineMode !== "provisioned") {
    throw invalidValue(
      `The engine mode ${engineMode} you requested is currently unavailable; serverless instances are of mode provisioned.`,
    );
  }
  if (engineVersion !== undefined && !isAuroraPostgresVersion(engineVersion)) {
    throw invalidCombination(
      `Cannot find version ${engineVersion} for ${engine}; known are ${Object.values(auroraPostgresVersions).flat().join(", ")}`,
    );
  }
  if (engineVersion !== undefined && majorOf({ engineVersion }) !== postgresMajor) {
    throw invalidCombination(
      `version ${engineVersion}: the embedded cloud has Postgres ${postgresMajor}`,
    );
  }
  const elsewhere = given.snapshotIdentifier ?? given.restoreToPointInTime;
  if (elsewhere !== undefined) {
    throw new AwsError(
      "DBClusterSnapshotNotFoundFault",
      "the embedded cloud keeps no data of snapshots and no backups: nothing can be restored from",
      404,
    );
  }
  if (given.enableHttpEndpoint === true) {
    throw invalidCombination("enable_http_endpoint: the embedded cloud has no Data API");
  }
}

function requireLogin({
  masterUsername: user,
  masterPassword,
  masterPasswordWo,
  manageMasterUserPassword,
}: ClusterInputs): void {
  if (manageMasterUserPassword === true) {
    throw invalidCombination(
      "manage_master_user_password: the embedded cloud rotates no password; give master_password",
    );
  }
  const password = masterPassword ?? masterPasswordWo;
  if (user === undefined || password === undefined) {
    throw invalidCombination(
      "The parameters MasterUsername and MasterUserPassword must be provided.",
    );
  }
  if (!/^[a-z]\w{0,62}$/i.test(user) || user.toLowerCase().startsWith("pg_")) {
    throw invalidValue(
      `The parameter MasterUsername is not a valid identifier: a letter first, then letters, digits and underscores, got ${user}`,
    );
  }
  if (reservedUsers.includes(user.toLowerCase())) {
    throw invalidValue(
      `MasterUsername ${user} cannot be used as it is a reserved word used by the engine`,
    );
  }
  if (password.length < 8 || password.length > 128) {
    throw invalidValue(
      "The parameter MasterUserPassword is not a valid password because it is " +
        (password.length < 8 ? "shorter than 8 characters." : "longer than 128 characters."),
    );
  }
  if (!/^[!-~]+$/.test(password) || /[/'"@]/.test(password)) {
    throw invalidValue(
      `The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides '/', '@', '"', ' ' may be used.`,
    );
  }
}

function requireNames({
  databaseName,
  port,
  enabledCloudwatchLogsExports = [],
}: ClusterInputs): void {
  if (databaseName !== undefined && !/^[a-z]\w{0,62}$/i.test(databaseName)) {
    throw invalidValue(
      "DatabaseName must begin with a letter and contain only alphanumeric characters.",
    );
  }
  if (databaseName !== undefined && reservedDatabases.includes(databaseName.toLowerCase())) {
    throw invalidValue(
      `DatabaseName ${databaseName} cannot be used. It is a reserved word for this engine`,
    );
  }
  if (port !== undefined && (port < 1_150 || port > 65_535)) {
    throw invalidValue(`Invalid database port ${port}; valid are 1150 to 65535`);
  }
  const exports: readonly string[] = auroraLimits.logExports;
  const other = enabledCloudwatchLogsExports.find((one) => !exports.includes(one));
  if (other !== undefined) {
    throw invalidCombination(
      `You cannot use the log types '${other}' with engine version aurora-postgresql. For supported log types, see the documentation.`,
    );
  }
}

function requireStorage(given: ClusterInputs): void {
  if (given.kmsKeyId !== undefined && given.storageEncrypted !== true) {
    throw invalidCombination("You must specify StorageEncrypted with KmsKeyId.");
  }
  const scaling = given.serverlessv2ScalingConfiguration;
  const problem = scaling && acuProblem(scaling.minCapacity, scaling.maxCapacity);
  if (problem !== undefined) throw invalidValue(`Serverless v2 scaling: ${problem}`);
  if (scaling?.secondsUntilAutoPause !== undefined && scaling.minCapacity > 0) {
    throw invalidCombination(
      "SecondsUntilAutoPause takes a minimum capacity of 0 ACUs, at which instances pause.",
    );
  }
}

function requireBackups(given: ClusterInputs): void {
  const { low, high, default: usual } = auroraLimits.backupRetentionDays;
  const days = given.backupRetentionPeriod ?? usual;
  if (days < low || days > high) {
    throw invalidValue(
      `Invalid backup retention period: ${days}. Must be between ${low} and ${high}`,
    );
  }
  const problem = windowProblem({
    daily: given.preferredBackupWindow,
    weekly: given.preferredMaintenanceWindow,
    names: ["backup", "maintenance"],
    leastMinutes: 30,
  });
  if (problem !== undefined) throw invalidValue(problem);
}

function requireInsights(given: ClusterInputs): void {
  const { retentionDays } = databaseInsights.advanced;
  if (given.databaseInsightsMode === "advanced") {
    const kept = given.performanceInsightsRetentionPeriod ?? 0;
    if (given.performanceInsightsEnabled !== true || kept < retentionDays) {
      throw invalidCombination(
        `To use the Advanced mode of Database Insights, enable Performance Insights and set its retention period to ${retentionDays} days.`,
      );
    }
  }
  const interval = given.monitoringInterval ?? 0;
  const intervals: readonly number[] = auroraLimits.monitoringIntervalSeconds;
  if (!intervals.includes(interval)) {
    throw invalidValue(
      `Invalid monitoring interval ${interval}; valid are ${intervals.join(", ")}`,
    );
  }
  if (interval > 0 && given.monitoringRoleArn === undefined) throw monitoringRole();
}

/** Of clusters and of instances. */
export const monitoringRole = (): AwsError =>
  invalidCombination(
    "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.",
  );

function requireParameterGroup({ cloud: { world } }: Operation, given: ClusterInputs): void {
  const name = given.dbClusterParameterGroupName;
  if (name === undefined) return;
  const wanted = `aurora-postgresql${majorOf(given)}`;
  const family = name.startsWith("default.")
    ? name.slice("default.".length)
    : named(world, clusterParameterGroupType, name)?.inputs["family"];
  if (family === wanted) return;
  throw invalidCombination(
    `The Parameter Group ${name} with DBParameterGroupFamily ${String(family)} can't be used for this instance. Use a Parameter Group with DBParameterGroupFamily ${wanted}.`,
  );
}

function refuseChange(given: ClusterInputs, before: ClusterInputs): void {
  const [from, to] = [before.engineVersion, given.engineVersion];
  if (from === undefined || to === undefined || from === to) return;
  const minors: readonly string[] = Object.values(auroraPostgresVersions).flat();
  if (minors.indexOf(to) >= minors.indexOf(from)) return;
  throw invalidCombination(`Cannot upgrade aurora-postgresql from ${from} to ${to}`);
}
