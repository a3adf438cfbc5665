/**
 * AWS's own policies that this project's stacks may attach, as far as what runs here asks for their
 * permissions; the others are known by name alone.
 */
const statements = {
  "service-role/AmazonECSTaskExecutionRolePolicy": [
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ],
  "service-role/AWSLambdaBasicExecutionRole": [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ],
  "service-role/AWSLambdaVPCAccessExecutionRole": [
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
  ],
  "service-role/AWSBackupServiceRolePolicyForBackup": [],
  "service-role/AWSBackupServiceRolePolicyForRestores": [],
  AWSBackupServiceRolePolicyForS3Backup: [],
  AWSBackupServiceRolePolicyForS3Restore: [],
  "service-role/AmazonRDSEnhancedMonitoringRole": [],
  CloudWatchReadOnlyAccess: [],
  CloudWatchLogsReadOnlyAccess: [],
  ReadOnlyAccess: [],
  AdministratorAccess: ["*"],
} as const satisfies Readonly<Record<string, readonly string[]>>;

const prefix = "arn:aws:iam::aws:policy/";

/** Actions of one of AWS's own policies, on any resource; undefined: none of this name is known. */
export function managedActions(policyArn: string): readonly string[] | undefined {
  const name = policyArn.startsWith(prefix) ? policyArn.slice(prefix.length) : "";
  return Object.hasOwn(statements, name) ? statements[name as keyof typeof statements] : undefined;
}

export const managedPolicyNames: readonly string[] = Object.keys(statements);
