import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { renderBundle } from "../../host/bundle";
import { sampleSpec } from "./sample";
import { describeWith, run, temporaryDirectory } from "./support";

describeWith(["mtail"], "mtail", () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, "progs"));
  const program = renderBundle(sampleSpec()).files.find(({ path }) => path.endsWith(".mtail"))!;
  writeFileSync(join(directory, "progs/drops.mtail"), program.content);

  /** What mtail makes of log lines, in Prometheus' text format. */
  function read(lines: readonly string[]): string {
    const log = join(directory, "access.log");
    writeFileSync(log, lines.map((line) => `${line}\n`).join(""));
    const result = run("mtail", [
      ...["--one_shot", "--one_shot_format=prometheus", "--logtostderr", "--emit_prog_label=false"],
      ...["--progs", join(directory, "progs"), "--logs", log],
    ]);
    expect(result.status).toBe(0);
    return result.output;
  }
  const line = (status: string, request: string, upstream: string, rest = ""): string =>
    `{"status":"${status}","request_time":"${request}","upstream_time":"${upstream}","time":"2026-01-01T00:00:00+00:00","path":"/${rest}"}`;

  it("compiles the program", () => {
    const result = run("mtail", ["--compile_only", "--progs", join(directory, "progs")]);
    expect(result.status).toBe(0);
    expect(readFileSync(join(directory, "progs/drops.mtail"), "utf8")).toContain("histogram");
  });

  it("counts answers by class, from a zero on", () => {
    const text = read([line("200", "0.100", "0.090")]);
    expect(text).toContain('drops_http_requests_total{code="2xx"} 1');
    for (const code of ["3xx", "4xx", "5xx"]) {
      expect(text).toContain(`drops_http_requests_total{code="${code}"} 0`);
    }
  });

  it("measures the app's time, not the visitor's, and each answer once", () => {
    const text = read([
      line("200", "9.000", "0.400"),
      line("500", "0.600", "0.600"),
      line("504", "61.000", "0.500, 2.500"),
      line("404", "0.000", "-"),
      line("200", "0.001", ""),
      line("101", "3600.000", "3600.000"),
      'garbage {"status":"200","request_time":"1.0","upstream_time":"1.0"',
    ]);
    expect(text).toContain('drops_http_requests_total{code="2xx"} 2');
    expect(text).toContain('drops_http_requests_total{code="4xx"} 1');
    expect(text).toContain('drops_http_requests_total{code="5xx"} 2');
    expect(text).toContain("drops_http_websockets_total 1");
    expect(text).toContain("drops_http_request_duration_seconds_count 3");
    expect(text).toContain("drops_http_request_duration_seconds_sum 62");
    expect(text).toContain('drops_http_request_duration_seconds_bucket{le="0.5"} 1');
    expect(text).toContain('drops_http_request_duration_seconds_bucket{le="0.75"} 2');
    expect(text).toContain('drops_http_request_duration_seconds_bucket{le="2"} 2');
    expect(text).toContain('drops_http_request_duration_seconds_bucket{le="+Inf"} 3');
  });

  it("cannot be fooled by a path", () => {
    const forged = String.raw`x\",\"status\":\"500\",\"request_time\":\"99.0`;
    const text = read([line("200", "0.100", "0.100", forged)]);
    expect(text).toContain('drops_http_requests_total{code="5xx"} 0');
    expect(text).toContain('drops_http_requests_total{code="2xx"} 1');
  });
});
