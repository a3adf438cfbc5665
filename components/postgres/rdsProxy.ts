import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as iam from "@pulumi/aws/iam";
import * as rds from "@pulumi/aws/rds";
import * as pulumi from "@pulumi/pulumi";
import { rdsProxy } from "../../prices/aws";
import { trustPolicy } from "../iam/trustPolicy";
import { withOverride, type Override } from "../overrides";
import { StoredSecret } from "../secrets/storedSecret";

export interface RdsProxyArgs {
  readonly spec: {
    /** Name of the proxy, and what its secret's begins with; small letters, digits, single hyphens. */
    readonly name: string;
    /** Days for which the deleted secret can be restored: 7-30, or 0 for none. */
    readonly recoveryDays: number;
    /** How long the proxy's log is kept. */
    readonly logRetentionDays: number;
    /** Share of the database's connections that the proxy may open, in percent. @default 100 */
    readonly maxConnectionsPercent?: number;
  };
  readonly clusterIdentifier: pulumi.Input<string>;
  /** The instances: the proxy looks for a writer among them. */
  readonly after: readonly pulumi.Resource[];
  readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  /** The database role whose connections are pooled. */
  readonly login: {
    readonly user: string;
    /** Secret. */
    readonly password: pulumi.Input<string>;
  };
  readonly overrides?: {
    readonly log?: Override<cloudwatch.LogGroupArgs>;
    readonly role?: Override<iam.RoleArgs>;
    readonly policy?: Override<iam.RolePolicyArgs>;
    readonly proxy?: Override<rds.ProxyArgs>;
    readonly targetGroup?: Override<rds.ProxyDefaultTargetGroupArgs>;
    readonly target?: Override<rds.ProxyTargetArgs>;
  };
}

/** RDS Proxy in front of a cluster's writer: many connections of one role on few of the database. */
export class RdsProxy extends pulumi.ComponentResource {
  readonly endpoint: pulumi.Output<string>;
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: RdsProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:postgres:RdsProxy", name, {}, opts);
    const { spec, login, overrides = {} } = args;
    const parent = { parent: this };
    const secret = new StoredSecret(
      `${name}-proxy-login`,
      {
        spec: {
          name: `${spec.name}-proxy-login`,
          description: "What RDS Proxy logs in to the database with",
          recoveryDays: spec.recoveryDays,
        },
        // The form that the proxy reads.
        value: pulumi.jsonStringify({ username: login.user, password: login.password }),
      },
      parent,
    );
    const role = new iam.Role(
      `${name}-proxy-role`,
      withOverride<iam.RoleArgs>(
        {
          description: "Lets RDS Proxy read what it logs in to the database with",
          assumeRolePolicy: trustPolicy("rds.amazonaws.com"),
        },
        overrides.role,
      ),
      parent,
    );
    const policy = new iam.RolePolicy(
      `${name}-proxy-policy`,
      withOverride<iam.RolePolicyArgs>(
        {
          role: role.name,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              { Effect: "Allow", Action: "secretsmanager:GetSecretValue", Resource: secret.arn },
            ],
          }),
        },
        overrides.policy,
      ),
      parent,
    );
    const log = new cloudwatch.LogGroup(
      `${name}-proxy-log`,
      withOverride<cloudwatch.LogGroupArgs>(
        // The proxy writes to this name and would make a group that is kept for ever.
        { name: `/aws/rds/proxy/${spec.name}`, retentionInDays: spec.logRetentionDays },
        overrides.log,
      ),
      parent,
    );
    const proxy = new rds.Proxy(
      `${name}-proxy`,
      withOverride<rds.ProxyArgs>(
        {
          name: spec.name,
          engineFamily: "POSTGRESQL",
          roleArn: role.arn,
          vpcSubnetIds: args.subnetIds,
          vpcSecurityGroupIds: args.securityGroupIds,
          requireTls: true,
          auths: [
            {
              authScheme: "SECRETS",
              clientPasswordAuthType: "POSTGRES_SCRAM_SHA_256",
              iamAuth: "DISABLED",
              secretArn: secret.arn,
            },
          ],
        },
        overrides.proxy,
      ),
      { parent: this, dependsOn: [policy, log, ...secret.ready] },
    );
    const targetGroup = new rds.ProxyDefaultTargetGroup(
      `${name}-proxy-targets`,
      withOverride<rds.ProxyDefaultTargetGroupArgs>(
        {
          dbProxyName: proxy.name,
          connectionPoolConfig: {
            maxConnectionsPercent:
              spec.maxConnectionsPercent ?? rdsProxy.maxConnectionsPercent.default,
            connectionBorrowTimeout: rdsProxy.borrowTimeoutSeconds.default,
          },
        },
        overrides.targetGroup,
      ),
      parent,
    );
    const target = new rds.ProxyTarget(
      `${name}-proxy-target`,
      withOverride<rds.ProxyTargetArgs>(
        {
          dbProxyName: proxy.name,
          targetGroupName: targetGroup.name,
          dbClusterIdentifier: args.clusterIdentifier,
        },
        overrides.target,
      ),
      { parent: this, dependsOn: [...args.after] },
    );
    this.endpoint = proxy.endpoint;
    this.ready = [target];
    this.registerOutputs({ endpoint: this.endpoint });
  }
}
