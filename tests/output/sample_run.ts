// Runs as lists of events for the tests of renderers: every status, equal and
// differing results, in an order of arrival that is not the order of the hosts.
import {
  emptySummary,
  type HostResult,
  type Status,
  type Summary,
} from "../../src/core/call/call.ts";
import type { RunEvent } from "../../src/core/call/run_event.ts";
import type { Renderer, TextWriter } from "../../src/output/renderer.ts";

/** A result that went well and says `ping: pong`, changed by `members`. */
export function resultOf(
  host: string,
  members: Partial<HostResult> = {},
): HostResult {
  return {
    host,
    status: "ok",
    changed: false,
    rc: 0,
    duration_ms: 9,
    phases_ms: { call: 9 },
    result: { changed: false, ping: "pong" },
    error: null,
    ...members,
  };
}

/** The events of a run with these results, in this order of arrival. */
export function eventsOf(
  results: readonly HostResult[],
  options: { hosts?: readonly string[]; between?: readonly RunEvent[] } = {},
): RunEvent[] {
  const hosts = options.hosts ?? results.map(({ host }) => host);
  return [
    {
      event: "run_start",
      t: 0,
      run: "20260102-030405-1a2b",
      module: "ping",
      args: { data: "pong" },
      hosts,
      started: "2026-01-02T03:04:05.678Z",
    },
    ...(options.between ?? []),
    ...results.map((result, i): RunEvent => ({
      event: "result",
      t: 10 + i,
      ...result,
    })),
    {
      event: "run_end",
      t: 1234,
      summary: summaryOf(hosts.length, results),
      duration_ms: 1234,
    },
  ];
}

const THREE = [0, 41, 40];

/** The events of a run on `count` hosts with results of every kind. */
export function sampleRun(count: number): RunEvent[] {
  const digits = String(count).length;
  const results = Array.from({ length: count }, (_, i) => {
    const host = `web${String(i + 1).padStart(digits, "0")}`;
    // Three hosts show three statuses; of more, most are equal.
    return sampleResult(host, count === 3 ? THREE[i]! : i % 50);
  });
  const arrived = [...results];
  // The quick ones arrive first.
  arrived.sort((a, b) => a.duration_ms - b.duration_ms);
  return eventsOf(arrived, { hosts: results.map(({ host }) => host) });
}

/** What a renderer writes for these events. */
export function render(
  create: (write: TextWriter) => Renderer,
  events: readonly RunEvent[],
): string {
  const pieces: string[] = [];
  const renderer = create((text) => pieces.push(text));
  for (const event of events) renderer.event(event);
  renderer.close();
  return pieces.join("");
}

function sampleResult(host: string, kind: number): HostResult {
  const duration_ms = 5 + (kind * 7) % 11;
  const members = { duration_ms };
  if (kind < 40) {
    const invocation = { module_args: { data: host } };
    const result = { changed: false, ping: "pong", invocation };
    return resultOf(host, { ...members, result });
  }
  const [status, rest] = OTHERS[kind] ?? CHANGED;
  return resultOf(host, {
    ...members,
    ...rest,
    status,
    changed: status === "changed",
  });
}

const CHANGED: readonly [Status, Partial<HostResult>] = ["changed", {
  result: {
    changed: true,
    path: "/etc/motd",
    mode: "0644",
    size: 12,
    diff: {
      before: "one\ntwo\n",
      after: "one\nthree\n",
      before_header: "/etc/motd",
      after_header: "/etc/motd",
    },
  },
}];

const OTHERS: Record<number, readonly [Status, Partial<HostResult>]> = {
  40: ["unreachable", {
    rc: null,
    result: null,
    error: {
      kind: "connect",
      phase: "connect",
      message: "Could not connect to 192.0.2.7 port 22: connection refused",
      hint: "Is a server listening there?",
    },
  }],
  45: ["skipped", {
    result: { skipped: true, msg: "No support for check mode" },
  }],
  46: ["failed", {
    rc: 1,
    result: {
      failed: true,
      msg: "No package matches 'nginx'",
      rc: 126,
      warnings: ["The cache is older than a day"],
      exception: "Traceback (most recent call last):\nValueError: nginx",
    },
  }],
  47: ["timed_out", {
    rc: null,
    result: null,
    stdout: "step 1\nstep 2\n",
    error: {
      kind: "call",
      phase: "call",
      message: "The call did not end within 900 s",
      hint: null,
    },
  }],
  48: ["changed", {
    result: {
      changed: true,
      cmd: ["uptime"],
      rc: 0,
      stdout: "up 3 days\nload 0.1",
      stdout_lines: ["up 3 days", "load 0.1"],
      stderr: "clock is off",
      stderr_lines: ["clock is off"],
      start: "2026-01-02 03:04:05.000000",
      end: "2026-01-02 03:04:05.003000",
      delta: "0:00:00.003000",
    },
  }],
  49: ["cancelled", {
    rc: null,
    result: null,
    error: {
      kind: "call",
      phase: "call",
      message: "The call was cancelled",
      hint: null,
    },
  }],
};

function summaryOf(hosts: number, results: readonly HostResult[]): Summary {
  const summary = emptySummary(hosts);
  for (const { status } of results) summary[status]++;
  return summary;
}
