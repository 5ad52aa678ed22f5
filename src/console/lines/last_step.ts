// What `:last`, `:compare`, `:failed` and `:changed` do with the last call's
// results. Pure.
import { type HostResult, STATUSES } from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import {
  type LastOperands,
  readLastOperands,
  valuesAt,
  valuesJson,
  valuesText,
} from "./last_line.ts";
import { selectInSession } from "./session_hosts.ts";
import {
  type LastRun,
  say,
  type Session,
  type Step,
  type Target,
  type World,
} from "./session.ts";

/** Shows those of the last results that `isShown` accepts. */
export function showLast(
  session: Session,
  { isShown, otherwise }: {
    isShown: (result: HostResult) => boolean;
    otherwise: string;
  },
): Step {
  const { last } = session;
  if (last === undefined) return say(session, "No call has been made yet\n");
  const results = [...last.results.values()].filter(isShown);
  if (results.length === 0) return say(session, otherwise);
  const events = eventsOf(last, results);
  return {
    session,
    effects: [{ do: "show", events, whole: false, ...jobsOf(last) }],
  };
}

/** `:last` and `:compare`. */
export function giveLast(
  session: Session,
  world: World,
  { word, text }: { word: "last" | "compare"; text: string },
): Step {
  const { last } = session;
  if (last === undefined) return say(session, "No call has been made yet\n");
  const { words, ...to } = readLastOperands(word, text);
  const { hosts, path } = splitOperands(session, words, world);
  const results = last.start.hosts.flatMap((host) =>
    last.results.get(host) ?? []
  )
    .filter(({ host }) => hosts === undefined || hosts.has(host));
  if (results.length === 0) {
    throw new SyntaxError(
      `Cannot show ${words[0]}: the last call ran elsewhere`,
    );
  }
  const values = path === undefined ? undefined : valuesAt(results, path);
  if (values?.values().every((value) => value === null)) {
    throw new SyntaxError(`Cannot show ${path}: no result has a value there`);
  }
  const target = targetOf(to);
  if (target !== undefined) {
    const content = values ? valuesJson(values) : eventsOf(last, results);
    return { session, effects: [{ do: "give", content, to: target }] };
  }
  if (values) return say(session, valuesText(values));
  const events = eventsOf(last, results);
  const how = word === "compare" ? { compares: true } : jobsOf(last);
  return {
    session,
    effects: [{ do: "show", events, whole: true, ...how }],
  };
}

/** A list of jobs is shown again as one. */
function jobsOf({ listsJobs }: LastRun): { listsJobs?: true } {
  return listsJobs ? { listsJobs } : {};
}

/** One word is a pattern if it chooses hosts, and a path otherwise. */
function splitOperands(
  session: Session,
  [first, second]: readonly string[],
  world: World,
): { hosts?: ReadonlySet<string>; path?: string } {
  if (first === undefined) return {};
  const all = { ...world, limit: undefined };
  try {
    const hosts = new Set(selectInSession(session, first, all));
    return second === undefined ? { hosts } : { hosts, path: second };
  } catch (error) {
    if (second !== undefined || !/^[\w.-]+$/.test(first)) throw error;
    return { path: first };
  }
}

function targetOf(
  { command, file }: Omit<LastOperands, "words">,
): Target | undefined {
  if (command !== undefined) return { command };
  return file === undefined ? undefined : { file };
}

/** Some results of a run as a run of their own. */
function eventsOf(last: LastRun, results: readonly HostResult[]): RunEvent[] {
  const hosts = results.map(({ host }) => host);
  const summary = { ...last.end.summary, hosts: hosts.length };
  for (const status of STATUSES) {
    summary[status] = results.filter((r) => r.status === status).length;
  }
  const { t } = last.end;
  return [
    { ...last.start, hosts },
    ...results.map((result) => ({ event: "result" as const, t, ...result })),
    { ...last.end, summary },
  ];
}
