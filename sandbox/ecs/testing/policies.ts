export const allow = (
  action: string | readonly string[],
  resource: string | readonly string[],
) => ({
  ...{ Effect: "Allow", Action: action, Resource: resource },
});

export const policy = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });
