import type { Values } from "../../../cloud/kind";

const role = "arn:aws:iam::123456789012:role/execution";
export const secret = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:a-bcdefg";
export const log = {
  ...{ "awslogs-group": "/ecs/web", "awslogs-region": "eu-central-1" },
  "awslogs-stream-prefix": "task",
};
/** The least that a container is. */
export const web = { name: "web", image: "ghcr.io/octocat/drops@sha256:1" };

/** Inputs of a task definition. */
export const task = (containers: readonly Values[] = [web], change: Values = {}): Values => ({
  ...{ family: "web", cpu: "1024", memory: "2048", networkMode: "awsvpc" },
  ...{ requiresCompatibilities: ["FARGATE"], executionRoleArn: role },
  containerDefinitions: JSON.stringify(containers),
  ...change,
});
