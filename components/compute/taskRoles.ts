import * as pulumi from "@pulumi/pulumi";

interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: pulumi.Input<string> | readonly pulumi.Input<string>[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, pulumi.Input<string>>>>>;
}

/** An IAM policy document of these statements. */
export function policyOf(statements: readonly Statement[]): pulumi.Output<string> {
  return pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements });
}

/** Writing into one log group. */
export function writeLog(logGroupArn: pulumi.Input<string>): Statement {
  return {
    Sid: "WriteLog",
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: pulumi.interpolate`${logGroupArn}:*`,
  };
}

export interface ExecutionRights {
  readonly logGroupArn: pulumi.Input<string>;
  /** Repository of the image where it is ECR's. */
  readonly repositoryArn: pulumi.Input<string> | undefined;
  readonly secretArns: readonly pulumi.Input<string>[];
}

/** What ECS does in a task's name before its containers run: pull, read its secrets, log. */
export function executionPolicy(rights: ExecutionRights): pulumi.Output<string> {
  const { logGroupArn, repositoryArn, secretArns } = rights;
  return policyOf([
    writeLog(logGroupArn),
    ...(repositoryArn === undefined ? [] : pullFrom(repositoryArn)),
    ...(secretArns.length === 0
      ? []
      : [
          {
            Sid: "ReadSecrets",
            Effect: "Allow" as const,
            Action: ["secretsmanager:GetSecretValue"],
            Resource: secretArns,
          },
        ]),
  ]);
}

function pullFrom(repositoryArn: pulumi.Input<string>): readonly Statement[] {
  return [
    // A token is for the whole registry; what it opens, the next statement says.
    { Sid: "LogIn", Effect: "Allow", Action: ["ecr:GetAuthorizationToken"], Resource: "*" },
    {
      Sid: "PullImage",
      Effect: "Allow",
      Action: [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ],
      Resource: repositoryArn,
    },
  ];
}

/** What `aws ecs execute-command` needs inside a task. */
export function execPolicy(): pulumi.Output<string> {
  return policyOf([
    {
      Sid: "ExecuteCommand",
      Effect: "Allow",
      Action: [
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
      ],
      // These know no resources.
      Resource: "*",
    },
  ]);
}

export interface RunTaskRights {
  readonly logGroupArn: pulumi.Input<string>;
  readonly clusterArn: pulumi.Input<string>;
  /** Family of the task's definitions, any revision of which may be run. */
  readonly family: string;
  /** The task's own roles. */
  readonly roleArns: readonly pulumi.Input<string>[];
}

/** Running one kind of task in one cluster, and seeing how it ends. */
export function runTaskPolicy(rights: RunTaskRights): pulumi.Output<string> {
  const { logGroupArn, clusterArn, family, roleArns } = rights;
  const inCluster = { ArnEquals: { "ecs:cluster": clusterArn } };
  const beside = (resource: (clusterName: string) => string): pulumi.Output<string> =>
    pulumi.output(clusterArn).apply((arn) => {
      const [account = "", clusterName = ""] = arn.split(":cluster/");
      return `${account}:${resource(clusterName)}`;
    });
  return policyOf([
    writeLog(logGroupArn),
    {
      Sid: "RunTask",
      Effect: "Allow",
      Action: ["ecs:RunTask"],
      Resource: beside(() => `task-definition/${family}:*`),
      Condition: inCluster,
    },
    {
      Sid: "SeeTask",
      Effect: "Allow",
      Action: ["ecs:DescribeTasks"],
      Resource: beside((clusterName) => `task/${clusterName}/*`),
      Condition: inCluster,
    },
    // Its resources are machines, of which Fargate has none: the cluster is the limit.
    {
      Sid: "FindTask",
      Effect: "Allow",
      Action: ["ecs:ListTasks"],
      Resource: "*",
      Condition: inCluster,
    },
    {
      Sid: "PassRoles",
      Effect: "Allow",
      Action: ["iam:PassRole"],
      Resource: roleArns,
      Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
    },
  ]);
}
