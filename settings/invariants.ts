import { tiers } from "../tiers";
import { alertProblems } from "./checks/alarms";
import { appNameProblems } from "./checks/appName";
import { connectionProblems } from "./checks/connectionBudget";
import { databaseProblems } from "./checks/database";
import { mediumDomainProblems, smallDomainProblems } from "./checks/domain";
import { editionProblems } from "./checks/editions";
import { externalPostgresProblems, ownerApartProblems } from "./checks/externalPostgres";
import { imageProblems } from "./checks/image";
import { monitoringProblems } from "./checks/monitoring";
import { mediumRegionProblems, smallRegionProblems, vpcProblems } from "./checks/network";
import { redisProblems, valkeyNodeProblems } from "./checks/redis";
import { scalingProblems } from "./checks/scaling";
import { serverProblems } from "./checks/server";
import { auroraProblems, cacheProblems } from "./checks/awsData";
import {
  largeDomainProblems,
  listedValueProblems,
  prefixListProblems,
  subscriberProblems,
} from "./checks/awsEdge";
import { awsNameProblems } from "./checks/awsNames";
import {
  awsVpcProblems,
  chosenZoneProblems,
  copyRegionProblems,
  wayOutProblems,
} from "./checks/awsNetwork";
import { largeRegionProblems } from "./checks/awsRegion";
import { cloudWatchThresholdProblems } from "./checks/awsThresholds";
import { unusedProblems } from "./checks/awsUnused";
import { largeConnectionProblems } from "./checks/largeConnections";
import { largeImageProblems, taskProblems } from "./checks/tasks";
import {
  digitalOceanThresholdProblems,
  mediumExactRules,
  smallExactRules,
} from "./checks/thresholds";
import type { Problem } from "./problems";
import type { LargeConfig, MediumConfig, SmallConfig } from "./schema";

/**
 * What no single key can say: rules that hold between components. Checked before any resource
 * exists; every broken rule is reported, not only the first.
 */
export function smallProblems(config: SmallConfig, stack: string): Problem[] {
  return [
    ...serverProblems(config),
    ...databaseProblems(config),
    ...redisProblems(config),
    ...vpcProblems(config, tiers.small.vpcCidr),
    ...smallRegionProblems(config),
    ...smallDomainProblems(config, stack),
    ...alertProblems(config),
    ...digitalOceanThresholdProblems(config.thresholds, smallExactRules),
  ];
}

/** The same of a medium stack. */
export function mediumProblems(config: MediumConfig, stack: string): Problem[] {
  return [
    ...appNameProblems(stack),
    ...imageProblems(config),
    ...scalingProblems(config),
    ...externalPostgresProblems(config.postgres),
    ...ownerApartProblems(config.postgres),
    ...editionProblems(config),
    ...connectionProblems(config),
    ...redisProblems(config),
    ...valkeyNodeProblems(config),
    ...monitoringProblems(config),
    ...vpcProblems(config, tiers.medium.vpcCidr),
    ...mediumRegionProblems(config),
    ...mediumDomainProblems(config, stack),
    ...alertProblems(config),
    ...digitalOceanThresholdProblems(config.thresholds, mediumExactRules),
  ];
}

/** The same of a large stack. */
export function largeProblems(config: LargeConfig, stack: string): Problem[] {
  return [
    ...awsNameProblems(stack, config),
    ...largeRegionProblems(config),
    ...largeImageProblems(config),
    ...taskProblems(config),
    ...chosenZoneProblems(config),
    ...awsVpcProblems(config),
    ...wayOutProblems(config),
    ...externalPostgresProblems(config.postgres),
    ...ownerApartProblems(config.postgres),
    ...auroraProblems(config),
    ...redisProblems(config),
    ...cacheProblems(config),
    ...largeConnectionProblems(config),
    ...prefixListProblems(config),
    ...largeDomainProblems(config, stack),
    ...copyRegionProblems(config),
    ...listedValueProblems(config),
    ...subscriberProblems(config),
    ...cloudWatchThresholdProblems(config.thresholds),
    ...unusedProblems(config),
  ];
}
