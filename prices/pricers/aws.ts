import { awsAlarmPricers } from "./awsAlarms";
import { awsCachePricers } from "./awsCaches";
import { awsComputePricers } from "./awsCompute";
import { awsDatabasePricers } from "./awsDatabases";
import { awsEdgePricers } from "./awsEdge";
import { awsFunctionPricers } from "./awsFunctions";
import { awsMonitoringPricers } from "./awsMonitoring";
import { awsNetworkPricers } from "./awsNetwork";
import { awsStoragePricers } from "./awsStorage";
import type { Pricer } from "./pricer";

/** AWS's types that cost something or carry a usage line, by type token. */
export const awsPricers: Readonly<Record<string, Pricer>> = {
  ...awsComputePricers,
  ...awsNetworkPricers,
  ...awsDatabasePricers,
  ...awsCachePricers,
  ...awsEdgePricers,
  ...awsAlarmPricers,
  ...awsMonitoringPricers,
  ...awsStoragePricers,
  ...awsFunctionPricers,
};
