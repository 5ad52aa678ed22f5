// Formats one result: a label for its header, and the lines below it. Results with
// the same label and lines form one group, so values that vary between hosts by
// chance (times, durations) are left out.
import type { HostError, HostResult } from "../../core/call/call.ts";
import { isNumber } from "../../json/exact_number.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json } from "../../protocol/message.ts";
import { withoutNames } from "../without_names.ts";
import { escapeLine } from "../escape.ts";
import type { Style } from "../style.ts";
import { isFailure, statusText } from "../summary.ts";
import type { Cut } from "./cut.ts";
import { diffLines } from "./diff.ts";
import { memberLines } from "./value.ts";

/** Options of `showResult()`. */
export interface ResultTextOptions {
  readonly style: Style;
  readonly cut: Cut;
  /** The number of `-v`. */
  readonly verbosity: number;
}

/** A result as shown: escaped and styled. */
export interface ShownResult {
  /** The status, and the exit status where it is informative. */
  readonly label: string;
  readonly lines: readonly string[];
  /** The error lines with the host's name and addresses, for a single host. */
  readonly ownError?: readonly string[];
}

/** The members of a result; a Map because hosts choose the keys. */
type Members = ReadonlyMap<string, Json>;

const MAX_OTHER_LINES = 40;
const MAX_PRINTED_LINES = 20;
const MAX_WIDTH = 10_000;

// Shown in the header, or by functions of their own.
const SPECIAL = new Set([
  "changed",
  "failed",
  "skipped",
  "unreachable",
  "rc",
  "msg",
  "stdout",
  "stderr",
  "stdout_lines",
  "stderr_lines",
  "diff",
  "ansible_facts",
  "warnings",
  "deprecations",
  "exception",
]);

/** What tells of a job that runs. */
const JOB_MEMBERS = new Set([
  ...["ansible_job_id", "started", "finished", "results_file"],
]);

/**
 * Formats a result. With `streamed`, its output has already been shown line by
 * line.
 */
export function showResult(
  result: HostResult,
  options: ResultTextOptions & {
    streamed: boolean;
    isCheck?: boolean;
    /** Whether what was streamed is the result's own output. Default: true. */
    isShell?: boolean;
  },
): ShownResult {
  const members = withJobName(membersOf(result.result), options);
  const isCommand = typeof members.get("stdout") === "string" &&
    members.has("rc");
  const { error } = result;
  const { isCheck, isShell = true, streamed } = options;
  const shared = options.verbosity > 0 ? error : errorWithoutNames(result);
  const dest = destLines(result, members, options);
  const isSame = shared === error && dest.own.join() === dest.shared.join();
  return {
    label: labelOf(result, members, { isCommand, isCheck }),
    ...(isSame
      ? {}
      : { ownError: [...errorLines(error, options), ...dest.own] }),
    lines: [
      ...errorLines(shared, options),
      ...dest.shared,
      ...messageLines(members, isCommand, options),
      ...(streamed && isShell ? [] : outputLines(members, isCommand, options)),
      ...otherLines(
        result.result,
        withoutDest(members, dest),
        isCommand,
        options,
      ),
      ...diffLines(members.get("diff") ?? null, options),
      ...factLines(members, options),
      ...(options.streamed ? [] : printedLines(result, options)),
      ...warningLines(members, options),
      ...exceptionLines(result, members, options),
    ],
  };
}

function membersOf(result: Json): Members {
  return new Map(isObject(result) ? Object.entries(result) : []);
}

/** A job that runs, by the name that it has on all hosts of its call. */
function withJobName(
  members: Members,
  { verbosity }: ResultTextOptions,
): Members {
  const id = members.get("ansible_job_id");
  const isRunning = Number(members.get("finished") ?? 1) === 0;
  if (verbosity > 0 || typeof id !== "string" || !isRunning) return members;
  const others = [...members].filter(([key]) => !JOB_MEMBERS.has(key));
  return new Map([["job", id.replace(/\.\d+$/, "")], ...others]);
}

// Every Ansible module that fails exits with 1, so the exit status is shown only
// where the result has its own, or where there is no result.
function labelOf(
  result: HostResult,
  members: Members,
  { isCommand, isCheck = false }: {
    isCommand: boolean;
    isCheck?: boolean | undefined;
  },
): string {
  const status = statusText(result.status, { isCheck });
  const own = members.get("rc");
  const rc = result.result === null ? result.rc : own;
  const says = isNumber(rc) && (isCommand || Number(rc) !== 0);
  return says ? `${status}, rc ${rc}` : status;
}

/** The path of a result, and the same for all hosts that have a folder of their name. */
interface DestLines {
  readonly own: readonly string[];
  readonly shared: readonly string[];
}

function destLines(
  { host }: HostResult,
  members: Members,
  { cut, verbosity }: ResultTextOptions,
): DestLines {
  const dest = members.get("dest");
  if (verbosity > 0 || typeof dest !== "string") return { own: [], shared: [] };
  const parts = dest.split("/");
  if (!parts.includes(host)) return { own: [], shared: [] };
  const shared = parts.map((part) => part === host ? "HOST" : part).join("/");
  return {
    own: memberLines("dest", dest, cut),
    shared: memberLines("dest", shared, cut),
  };
}

function withoutDest(members: Members, { own }: DestLines): Members {
  return own.length === 0
    ? members
    : new Map([...members].filter(([key]) => key !== "dest"));
}

function errorLines(
  error: HostError | null,
  { cut }: ResultTextOptions,
): string[] {
  if (error === null) return [];
  return [
    ...textLines(error.phase, error.message, cut),
    ...(error.hint === null ? [] : textLines("hint", error.hint, cut)),
  ];
}

function errorWithoutNames({ host, error }: HostResult): HostError | null {
  if (error === null) return null;
  const message = withoutNames(error.message, host);
  const hint = error.hint && withoutNames(error.hint, host);
  const isSame = message === error.message && hint === error.hint;
  return isSame ? error : { ...error, message, hint };
}

function textLines(label: string, text: string, cut: Cut): string[] {
  const [first = "", ...rest] = cut.split(text, MAX_WIDTH);
  return [`${label}: ${first}`, ...rest.map((line) => "  " + line)];
}

function messageLines(
  members: Members,
  isCommand: boolean,
  { cut }: ResultTextOptions,
): string[] {
  const message = members.get("msg");
  if (message === undefined || message === "") return [];
  // Ansible's command and shell add this to `rc`, which the header shows.
  if (isCommand && message === "non-zero return code") return [];
  return typeof message === "string"
    ? textLines("msg", message, cut)
    : memberLines("msg", message, cut);
}

function outputLines(
  members: Members,
  isCommand: boolean,
  { cut }: ResultTextOptions,
): string[] {
  const text = (key: string) => {
    const value = members.get(key);
    return typeof value === "string" ? cut.tail(value, MAX_WIDTH) : [];
  };
  const stdout = text("stdout");
  return [
    ...(isCommand ? stdout : labelled("stdout:", stdout)),
    ...labelled("stderr:", text("stderr")),
  ];
}

function labelled(label: string, lines: readonly string[]): string[] {
  return lines.length === 0
    ? []
    : [label, ...lines.map((line) => line === "" ? "" : "  " + line)];
}

function otherLines(
  result: Json,
  members: Members,
  isCommand: boolean,
  { cut, verbosity }: ResultTextOptions,
): string[] {
  if (result !== null && !isObject(result)) {
    return memberLines("result", result, cut);
  }
  const lines: string[] = [];
  let left = 0;
  for (const [key, value] of members) {
    if (isHidden(key, value, { members, isCommand, verbosity })) continue;
    if (lines.length < cut.limit(MAX_OTHER_LINES)) {
      for (const line of memberLines(key, value, cut)) lines.push(line);
    } else left++;
  }
  return left === 0 ? lines : [...lines, cut.note(left)];
}

function isHidden(
  key: string,
  value: Json,
  { members, isCommand, verbosity }: {
    members: Members;
    isCommand: boolean;
    verbosity: number;
  },
): boolean {
  if (SPECIAL.has(key) && isShownElsewhere(key, value, members)) return true;
  if (key === "invocation") return verbosity < 3;
  if (key === "elapsed") return isNumber(value);
  if (key === "start" || key === "end" || key === "delta") {
    return members.has("start") && members.has("end") && members.has("delta");
  }
  return key === "cmd" && isCommand && verbosity < 1;
}

// A special key whose value has another shape is shown like any other key, so
// that nothing is lost.
function isShownElsewhere(key: string, value: Json, members: Members): boolean {
  switch (key) {
    case "changed":
    case "failed":
    case "skipped":
    case "unreachable":
      return typeof value === "boolean";
    case "rc":
      return value === null || isNumber(value);
    case "stdout_lines":
    case "stderr_lines":
      return typeof members.get(key.slice(0, -"_lines".length)) === "string";
    case "stdout":
    case "stderr":
    case "exception":
      return typeof value === "string";
    case "warnings":
    case "deprecations":
      return Array.isArray(value);
    case "diff":
      return isObject(value) || Array.isArray(value);
    default:
      return true;
  }
}

function factLines(members: Members, { cut }: ResultTextOptions): string[] {
  const facts = members.get("ansible_facts");
  if (facts === undefined) return [];
  const isEmpty = (isObject(facts) || Array.isArray(facts)) &&
    Object.keys(facts).length === 0;
  return isEmpty ? [] : memberLines("ansible_facts", facts, cut);
}

// What the module printed besides its result. After success this is noise, and
// shown only in full output.
function printedLines(
  result: HostResult,
  { cut, verbosity }: ResultTextOptions,
): string[] {
  const isNoise = !isFailure(result.status) && result.result !== null;
  if (isNoise && verbosity === 0) return [];
  const max = MAX_PRINTED_LINES;
  return [
    ...labelled(
      "printed on stdout:",
      cut.lines(cut.split(result.stdout ?? "", MAX_WIDTH), { max }),
    ),
    ...labelled(
      "printed on stderr:",
      cut.lines(cut.split(result.stderr ?? "", MAX_WIDTH), {
        max,
        keep: "last",
      }),
    ),
  ];
}

function warningLines(
  members: Members,
  { style, cut }: ResultTextOptions,
): string[] {
  const warnings = listOf(members.get("warnings")).map((warning) =>
    `[WARNING]: ${oneLine(warning, cut)}`
  );
  const deprecations = listOf(members.get("deprecations")).map((deprecation) =>
    `[DEPRECATION WARNING]: ${deprecationText(deprecation, cut)}`
  );
  return [...warnings, ...deprecations].map((line) => style.warning(line));
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function oneLine(value: Json, cut: Cut): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return cut.split(text, MAX_WIDTH).join(" ");
}

// Ansible's shape: `msg`, the `version` or `date` of the removal, and the
// `collection_name`.
function deprecationText(value: Json, cut: Cut): string {
  const members = membersOf(value);
  const message = members.get("msg");
  if (typeof message !== "string") return oneLine(value, cut);
  const text = (key: string) => {
    const member = members.get(key);
    return typeof member === "string" ? escapeLine(member) : undefined;
  };
  const from = text("collection_name");
  const version = text("version");
  const date = text("date");
  const when = version !== undefined
    ? ` in version ${version}`
    : date !== undefined
    ? ` after ${date}`
    : "";
  if (when === "") return oneLine(message, cut);
  return `${oneLine(message, cut)} (to be removed${
    from === undefined ? "" : ` from ${from}`
  }${when})`;
}

function exceptionLines(
  result: HostResult,
  members: Members,
  { cut, verbosity }: ResultTextOptions,
): string[] {
  const exception = members.get("exception");
  if (typeof exception !== "string") return [];
  const lines = cut.split(exception, MAX_WIDTH);
  if (verbosity > 0) return labelled("exception:", lines);
  const isReported = members.has("msg") || result.error !== null;
  const last = lines.findLast((line) => line.trim() !== "");
  return isReported || last === undefined
    ? []
    : [`exception: ${last} (${cut.remedy})`];
}
