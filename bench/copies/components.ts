import { Provider } from "@pulumi/aws/provider";
import { EcsTask } from "../../components/compute/ecsTask";
import { StoredSecret } from "../../components/secrets/storedSecret";
import { copies, sample, stem } from "./sample";

// The same resources as in raw.ts, by the components of this project.

const opts = { providers: [new Provider("aws", { region: sample.region })] };

for (let number = 1; number <= copies; number += 1) {
  const name = `copy-${number}`;
  const secrets = sample.secrets.map(
    (secret) =>
      new StoredSecret(
        `${name}-${secret}`,
        {
          spec: { name: `${stem}-${name}-${secret}`, description: secret, recoveryDays: 7 },
          value: secret,
        },
        opts,
      ),
  );
  const [database, redis] = secrets;
  new EcsTask(
    name,
    {
      spec: {
        family: `${stem}-${name}`,
        cpuUnits: sample.cpuUnits,
        memoryMib: sample.memoryMib,
        containers: [{ name: "worker", command: sample.command }],
        stopSeconds: sample.stopSeconds,
        logRetentionDays: sample.logRetentionDays,
        exec: false,
      },
      region: sample.region,
      image: sample.image,
      environment: {
        worker: { plain: sample.plain, secret: { DATABASE_URL: database, REDIS_URL: redis } },
      },
    },
    opts,
  );
}
