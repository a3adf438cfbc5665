import * as lb from "@pulumi/aws/lb";
import * as pulumi from "@pulumi/pulumi";
import { albLimits, albRuleLimits, albTlsPolicies } from "../../prices/aws";
import { withOverride, type Override } from "../overrides";
import { AccessLogBucket, type AccessLogBucketArgs } from "./accessLogBucket";

export interface AppBalancerSpec {
  /** Stem of the names that AWS shows, e.g. "drops-large". */
  readonly name: string;
  /** Whether it is reached from within the network alone. A change replaces balancer and targets. */
  readonly internal: boolean;
  /** HTTPS on 443, or plain HTTP on 80 and nothing on the other. */
  readonly tls: boolean;
  /** Host names that it serves, at most 5; it answers 403 to every other. @default all */
  readonly hosts?: readonly string[] | undefined;
  /** Port of the app's containers. A change replaces the targets. */
  readonly port: number;
  /** Path that answers 200 while a task shall serve: what fails it is replaced. */
  readonly healthPath: string;
  /** Silence after which a connection is closed, 1-4000. A websocket has to say something within it. */
  readonly idleTimeoutSeconds: number;
  /** How long a task that is going may finish what it has begun, 0-3600. */
  readonly deregistrationSeconds: number;
  /** Guards the balancer against deletion. */
  readonly protect: boolean;
  /** Whether each request is recorded in a bucket. */
  readonly logs: boolean;
  /** How long such a record is kept. @default 30 */
  readonly logRetentionDays?: number;
}

export interface AppBalancerArgs {
  readonly spec: AppBalancerSpec;
  readonly vpcId: pulumi.Input<string>;
  /** In at least two zones; public ones where it faces the internet. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  readonly securityGroupId: pulumi.Input<string>;
  /** Of a certificate that is valid already, in the balancer's region; with `tls` alone. */
  readonly certificateArn?: pulumi.Input<string> | undefined;
  /** What must stand before it may face the internet: its subnets' way there. */
  readonly ready?: readonly pulumi.Resource[];
  readonly overrides?: {
    readonly balancer?: Override<lb.LoadBalancerArgs>;
    readonly targetGroup?: Override<lb.TargetGroupArgs>;
    readonly listener?: Override<lb.ListenerArgs>;
    readonly hostRule?: Override<lb.ListenerRuleArgs>;
    readonly logs?: AccessLogBucketArgs["overrides"];
  };
}

/** Ports of the listener, which the balancer's security group lets in. */
export const balancerPort = (tls: boolean): number => (tls ? 443 : 80);

/** What spreads the requests over the app's tasks, in all zones. */
export class AppBalancer extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** As metrics name it: `app/NAME/ID`. */
  readonly arnSuffix: pulumi.Output<string>;
  readonly dnsName: pulumi.Output<string>;
  readonly targetGroupArn: pulumi.Output<string>;
  /** As metrics name it: `targetgroup/NAME/ID`. */
  readonly targetGroupArnSuffix: pulumi.Output<string>;
  /** As autoscaling by requests names the two. */
  readonly resourceLabel: pulumi.Output<string>;
  /** What must stand before ECS registers tasks: a target group that no listener leads to takes none. */
  readonly ready: readonly pulumi.Resource[];

  constructor(name: string, args: AppBalancerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("drops:compute:AppBalancer", name, {}, opts);
    const { spec, overrides = {} } = args;
    const problems = problemsOf(args);
    if (problems.length > 0)
      throw new pulumi.ResourceError(`${name}: ${problems.join("; ")}`, this);

    const targets = new lb.TargetGroup(
      `${name}-web`,
      withOverride(targetsOf(args), overrides.targetGroup),
      // One group is of one balancer: where that is replaced, the new one needs a group of its own.
      { parent: this, replacementTrigger: spec.internal },
    );
    const logs = spec.logs
      ? new AccessLogBucket(
          `${name}-logs`,
          {
            spec: { name: spec.name, retentionDays: spec.logRetentionDays ?? 30 },
            accountId: targets.arn.apply(accountOf),
            overrides: overrides.logs,
          },
          { parent: this },
        )
      : undefined;
    const balancer = new lb.LoadBalancer(
      `${name}-balancer`,
      withOverride(balancerOf(args, logs), overrides.balancer),
      {
        parent: this,
        protect: spec.protect,
        dependsOn: [...(args.ready ?? []), ...(logs?.ready ?? [])],
      },
    );
    const listener = new lb.Listener(
      `${name}-${spec.tls ? "https" : "http"}`,
      withOverride(listenerOf(args, balancer, targets), overrides.listener),
      { parent: this },
    );
    const rules = hostRules(spec, listener, targets).map(
      (rule) =>
        new lb.ListenerRule(`${name}-hosts`, withOverride(rule, overrides.hostRule), {
          parent: this,
        }),
    );

    this.arn = balancer.arn;
    this.arnSuffix = balancer.arnSuffix;
    this.dnsName = balancer.dnsName;
    this.targetGroupArn = targets.arn;
    this.targetGroupArnSuffix = targets.arnSuffix;
    this.resourceLabel = pulumi.interpolate`${balancer.arnSuffix}/${targets.arnSuffix}`;
    this.ready = [listener, ...rules];
    this.registerOutputs({
      arn: this.arn,
      dnsName: this.dnsName,
      targetGroupArn: this.targetGroupArn,
    });
  }
}

function problemsOf({ spec, certificateArn }: AppBalancerArgs): readonly string[] {
  const outside = (
    field: "idleTimeoutSeconds" | "deregistrationSeconds",
    { low, high }: { readonly low: number; readonly high: number },
  ) =>
    spec[field] < low || spec[field] > high
      ? [`spec.${field} must be ${low}..${high} s, got ${spec[field]}`]
      : [];
  const { conditionValues } = albRuleLimits;
  const hosts = spec.hosts?.length;
  return [
    ...outside("idleTimeoutSeconds", albLimits.idleTimeoutSeconds),
    ...outside("deregistrationSeconds", albLimits.deregistrationDelaySeconds),
    ...(spec.tls && certificateArn === undefined ? ["spec.tls needs certificateArn"] : []),
    ...(!spec.tls && certificateArn !== undefined ? ["certificateArn needs spec.tls"] : []),
    ...(hosts !== undefined && (hosts < 1 || hosts > conditionValues)
      ? [`spec.hosts must be 1..${conditionValues} names, got ${hosts}`]
      : []),
  ];
}

function balancerOf(
  { spec, subnetIds, securityGroupId }: AppBalancerArgs,
  logs: AccessLogBucket | undefined,
): lb.LoadBalancerArgs {
  return {
    loadBalancerType: "application",
    ipAddressType: "ipv4",
    internal: spec.internal,
    subnets: [...subnetIds],
    securityGroups: [securityGroupId],
    idleTimeout: spec.idleTimeoutSeconds,
    enableHttp2: true,
    // Before the app, where two programs might read one request in two ways.
    dropInvalidHeaderFields: true,
    desyncMitigationMode: "defensive",
    // The app counts the addresses from the end; see TRUST_PROXY.
    xffHeaderProcessingMode: "append",
    enableDeletionProtection: spec.protect,
    ...(logs && { accessLogs: { bucket: logs.bucketName, enabled: true } }),
    tags: { Name: spec.name },
  };
}

function targetsOf({ spec, vpcId }: AppBalancerArgs): lb.TargetGroupArgs {
  return {
    vpcId,
    targetType: "ip",
    protocol: "HTTP",
    protocolVersion: "HTTP1",
    port: spec.port,
    deregistrationDelay: spec.deregistrationSeconds,
    // A task that is slow gets less. It allows no slow start: a new task gets its share at once.
    loadBalancingAlgorithmType: "least_outstanding_requests",
    slowStart: 0,
    // What tasks share is in Redis: each can answer each request.
    stickiness: { type: "lb_cookie", enabled: false },
    // ECS replaces a task that is out. A database that fails over is away for less than the 90
    // seconds that this waits: no task is replaced for it.
    healthCheck: {
      path: spec.healthPath,
      protocol: "HTTP",
      port: "traffic-port",
      matcher: "200",
      interval: 10,
      timeout: 5,
      healthyThreshold: 2,
      unhealthyThreshold: 9,
    },
    tags: { Name: spec.name },
  };
}

function listenerOf(
  { spec, certificateArn }: AppBalancerArgs,
  balancer: lb.LoadBalancer,
  targets: lb.TargetGroup,
): lb.ListenerArgs {
  return {
    loadBalancerArn: balancer.arn,
    port: balancerPort(spec.tls),
    ...(spec.tls
      ? { protocol: "HTTPS", sslPolicy: albTlsPolicies.recommended, certificateArn }
      : { protocol: "HTTP" }),
    defaultActions: [
      spec.hosts === undefined
        ? { type: "forward", targetGroupArn: targets.arn }
        : {
            type: "fixed-response",
            fixedResponse: {
              statusCode: "403",
              contentType: "text/plain",
              messageBody: "No such host here.",
            },
          },
    ],
  };
}

function hostRules(
  { hosts }: AppBalancerSpec,
  listener: lb.Listener,
  targets: lb.TargetGroup,
): readonly lb.ListenerRuleArgs[] {
  if (hosts === undefined) return [];
  return [
    {
      listenerArn: listener.arn,
      priority: 10,
      conditions: [{ hostHeader: { values: [...hosts] } }],
      actions: [{ type: "forward", targetGroupArn: targets.arn }],
    },
  ];
}

/** The account in an ARN: its fifth field. */
const accountOf = (arn: string): string => arn.split(":")[4] ?? "";
