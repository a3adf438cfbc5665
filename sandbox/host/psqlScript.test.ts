import { describe, expect, it } from "vitest";
import { hostFile } from "../../host/files";
import { parsePsqlScript } from "./psqlScript";

const sqlOf = (script: string, variables = {}): readonly string[] =>
  parsePsqlScript("x.sql", script, variables).map(({ sql }) => sql);

describe("a script for psql", () => {
  it.each<[string, readonly string[]]>([
    ["SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]],
    ["SELECT 1", ["SELECT 1"]],
    ["  ; ;\n", []],
    ["SELECT ';' || 'it''s; fine';", ["SELECT ';' || 'it''s; fine'"]],
    ['SELECT 1 AS "a;""b";', ['SELECT 1 AS "a;""b"']],
    ["DO $$ BEGIN; END $$; SELECT 2", ["DO $$ BEGIN; END $$", "SELECT 2"]],
    ["DO $a$ $$; $b$ ; $a$;", ["DO $a$ $$; $b$ ; $a$"]],
    ["SELECT 1 -- not; this\n, 2; /* nor; this */", ["SELECT 1  \n, 2"]],
    ["SELECT 1::int, x[1:2];", ["SELECT 1::int, x[1:2]"]],
  ])("%j is taken apart at its semicolons", (script, expected) => {
    expect(sqlOf(script)).toEqual(expected);
  });

  it("gets its variables, quoted as it asks, and none inside of quotes", () => {
    const variables = { who: `o'b"rien\\`, plain: "public" };
    expect(sqlOf(`SELECT :'who', :"who", ':who', $$:'who'$$, ':''who';`, variables)).toEqual([
      `SELECT  E'o''b"rien\\\\', "o'b""rien\\", ':who', $$:'who'$$, ':''who'`,
    ]);
    expect(sqlOf("GRANT x ON :plain TO :unknown;", variables)).toEqual([
      "GRANT x ON public TO :unknown",
    ]);
  });

  it("knows where a statement ends, and which makes statements", () => {
    expect(parsePsqlScript("x.sql", "SELECT\n1;\n\nSELECT 'a' \\gexec\nSELECT 3;", {})).toEqual([
      { sql: "SELECT\n1", gexec: false, line: 2 },
      { sql: "SELECT 'a'", gexec: true, line: 4 },
      { sql: "SELECT 3", gexec: false, line: 5 },
    ]);
  });

  it.each([
    ["SELECT 1;\nSELECT :'nobody';", "psql:x.sql:2: the variable nobody is not set"],
    ["\\connect other", "psql:x.sql:1: \\connect is not understood here"],
    ["SELECT 'open;", "psql:x.sql:1: a quote ' is not closed"],
  ])("%j is refused", (script, message) => {
    expect(() => parsePsqlScript("x.sql", script, {})).toThrow(message);
  });

  it("is what the host's own files are", () => {
    const variables = { owner: "drops_owner", app: "drops_app" };
    const roles = parsePsqlScript("roles.sql", hostFile("roles.sql"), variables);
    expect(roles.map(({ sql, gexec }) => [sql.split(/\s/)[0], gexec])).toEqual([
      ["SET", false],
      ["SELECT", true],
      ["GRANT", false],
      ["GRANT", false],
      ["DO", false],
    ]);
    expect(sqlOf(hostFile("owner.sql"), variables)).toHaveLength(2);
  });
});
