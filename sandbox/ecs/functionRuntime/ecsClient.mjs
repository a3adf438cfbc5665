// What a function of Lambda finds of the SDK: the client of ECS, which asks the embedded one. It is
// copied to where the function's code looks for @aws-sdk/client-ecs.

const { DROPS_SANDBOX_AWS_URL: url, DROPS_SANDBOX_AWS_TOKEN: token } = process.env;

async function call(operation, input) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { authorization: token, "content-type": "application/json" },
    body: JSON.stringify({ operation, input }),
  });
  const { output, error } = await answer.json();
  if (!error) return output;
  throw Object.assign(new Error(error.message), {
    name: error.name,
    $metadata: { httpStatusCode: answer.status },
  });
}

const upper = (name) => name[0].toUpperCase() + name.slice(1);

export class ECSClient {
  send({ operation, input }) {
    return call(operation, input);
  }

  destroy() {}
}

/** The same with a method for each operation. */
export class ECS extends ECSClient {
  constructor() {
    super();
    return new Proxy(this, {
      get: (own, name) =>
        name in own || typeof name === "symbol" || name === "then"
          ? own[name]
          : (input = {}) => call(upper(name), input),
    });
  }
}

const command = (operation) =>
  class {
    constructor(input = {}) {
      Object.assign(this, { operation, input });
    }
  };

export const RunTaskCommand = command("RunTask");
export const ListTasksCommand = command("ListTasks");
export const DescribeTasksCommand = command("DescribeTasks");
export const StopTaskCommand = command("StopTask");
