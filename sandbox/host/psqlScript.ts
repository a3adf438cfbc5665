import { escapeIdentifier, escapeLiteral } from "pg";

/** One statement of a script for psql. */
interface PsqlStatement {
  readonly sql: string;
  /** `\gexec`: each cell of the result is a statement to be run. */
  readonly gexec: boolean;
  /** Line on which it ends, as psql names it in messages. */
  readonly line: number;
}

/** What can stand in a script, longest first; whatever else is one character of SQL. */
const TOKEN = new RegExp(
  [
    String.raw`(?<comment>--[^\n]*|/\*[\s\S]*?\*/)`,
    String.raw`(?<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|(?<tag>\$(?:[A-Za-z_]\w*)?\$)[\s\S]*?\k<tag>)`,
    String.raw`(?<cast>::)`,
    String.raw`:(?:'(?<literal>\w+)'|"(?<identifier>\w+)"|(?<plain>[A-Za-z_]\w*))`,
    String.raw`\\(?<command>\S+)`,
    String.raw`(?<end>;)`,
  ].join("|"),
  "gy",
);

/**
 * Takes a script apart as psql does: statements end at semicolons outside of quotes, comments and
 * dollar-quoted bodies; `:'x'`, `:"x"` and `:x` are variables. Of psql's own commands only `\gexec`
 * is understood, the rest is refused.
 *
 * @param name How the script is called in messages.
 */
export function parsePsqlScript(
  name: string,
  script: string,
  variables: Readonly<Record<string, string>>,
): readonly PsqlStatement[] {
  const statements: PsqlStatement[] = [];
  let sql = "";
  let line = 1;
  const fail = (problem: string): never => {
    throw new Error(`psql:${name}:${line}: ${problem}`);
  };
  const valueOf = (variable: string): string =>
    variables[variable] ?? fail(`the variable ${variable} is not set`);
  const finish = (gexec: boolean): void => {
    if (sql.trim() !== "") statements.push({ sql: sql.trim(), gexec, line });
    sql = "";
  };

  for (let at = 0; at < script.length;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(script);
    const text = found?.[0] ?? script.charAt(at);
    const { comment, quoted, literal, identifier, plain, command, end } = found?.groups ?? {};
    at += text.length;
    line += text.split("\n").length - 1;
    if (comment !== undefined) sql += " ";
    else if (quoted !== undefined) sql += quoted;
    else if (literal !== undefined) sql += escapeLiteral(valueOf(literal));
    else if (identifier !== undefined) sql += escapeIdentifier(valueOf(identifier));
    else if (plain !== undefined) sql += variables[plain] ?? text;
    else if (command === "gexec") finish(true);
    else if (command !== undefined) fail(`\\${command} is not understood here, only \\gexec is`);
    else if (end !== undefined) finish(false);
    else if (text === "'" || text === '"') fail(`a quote ${text} is not closed`);
    else sql += text;
  }
  finish(false);
  return statements;
}
