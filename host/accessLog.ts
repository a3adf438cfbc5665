import { plain } from "./files";
import { paths, ports } from "./paths";
import { serviceDropIn } from "./systemd";
import type { BundleFile } from "./types";

/** Upper bounds of the latency histogram, seconds; 0.5 and 2 are the alarms' limits. */
export const latencyBuckets = [0, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30];

/**
 * One JSON line a request. The path goes without its query string, where tokens travel. The fields
 * that mtail reads stand first, so that nothing a visitor sends can imitate them.
 */
export function accessLogFormat(): string {
  return `log_format drops escape=json
    '{"status":"$status","request_time":"$request_time","upstream_time":"$upstream_response_time",'
    '"time":"$time_iso8601","method":"$request_method","host":"$host","path":"$uri",'
    '"protocol":"$server_protocol","bytes":"$body_bytes_sent","address":"$remote_addr",'
    '"upstream_status":"$upstream_status","request_id":"$request_id"}';
`;
}

/** mtail, which turns nginx's log into request counters and a latency histogram. */
export function accessLogFiles(): readonly BundleFile[] {
  return [
    plain(`${paths.etc}/mtail/drops.mtail`, mtailProgram()),
    serviceDropIn("mtail", {
      comment: "Reads nginx's log, which the group adm may read.",
      exec: [
        "/usr/bin/mtail",
        "--progs",
        `${paths.etc}/mtail`,
        "--logs",
        paths.accessLog,
        "--address",
        "127.0.0.1",
        "--port",
        String(ports.mtail),
        "--emit_prog_label=false",
        "--logtostderr",
      ],
      lines: ["ExecCondition=", "SupplementaryGroups=adm", "LogsDirectory="],
    }),
  ];
}

function mtailProgram(): string {
  const classes = ["2xx", "3xx", "4xx", "5xx"];
  return `# Counts what nginx answered. Latency is the app's own time: files that nginx serves itself and
# websockets, whose line comes when they close, are no answers of the app.
counter drops_http_requests_total by code
counter drops_http_websockets_total
histogram drops_http_request_duration_seconds buckets ${latencyBuckets.join(", ")}

/^\\{"status":"(?P<class>\\d)(?P<rest>\\d\\d)","request_time":"(?P<request>\\d+\\.\\d+)","upstream_time":"(?P<upstream>[^"]*)"/ {
  # Every class exists from the first line on: a rate needs a zero to rise from.
${classes.map((code) => `  drops_http_requests_total["${code}"] += 0`).join("\n")}

  $class == 1 {
    drops_http_websockets_total++
  } else {
    drops_http_requests_total[$class + "xx"]++

    # "-" where the app was not asked; "0.001, 0.200" where it was asked twice.
    $upstream =~ /^\\d+\\.\\d+$/ {
      drops_http_request_duration_seconds = float($upstream)
    }
    $upstream =~ /,/ {
      drops_http_request_duration_seconds = $request
    }
  }
}
`;
}
