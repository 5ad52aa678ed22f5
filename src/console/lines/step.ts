// The logic of the console, without a terminal, hosts or files: a session and a
// line give the next session and the effects. Every line is interpreted here.
import { CALL_DEFAULTS } from "../../core/call/call_defaults.ts";
import { parseDuration } from "../../core/input/duration.ts";
import { referencesIn } from "../../inventory/pattern/pattern.ts";
import { FORMATS } from "../../output/renderer.ts";
import { isFailure } from "../../output/summary.ts";
import { addPattern, dropPattern, shownPattern } from "./choice.ts";
import { readLine } from "./line.ts";
import { readTransfer } from "./transfer_line.ts";
import { gatesText, helpText, hostsText, varsText } from "./report.ts";
import { readLastOperands } from "./last_line.ts";
import { giveLast, showLast } from "./last_step.ts";
import { selectInSession } from "./session_hosts.ts";
import {
  say,
  type Session,
  type Settings,
  type Step,
  type World,
} from "./session.ts";
import { findWord, type WordName } from "./words.ts";

/**
 * Interprets a line.
 *
 * @throws {SyntaxError} when it cannot be read.
 * @throws {InventoryError} when a pattern in it chooses no host.
 */
export function step(session: Session, line: string, world: World): Step {
  const meaning = readLine(line);
  switch (meaning.kind) {
    case "nothing":
      return { session, effects: [] };
    case "call": {
      const { module, text } = meaning;
      return { session, effects: [{ do: "call", module, text }] };
    }
    case "exec":
      return {
        session,
        effects: [{ do: "exec", command: meaning.command }],
      };
    case "word":
      return HANDLERS[meaning.word](session, meaning.text.trim(), world);
  }
}

/**
 * The references (`@hosts.txt`, `@last:failed`) that a line's pattern needs, without
 * their `@`. `@last` is not among them when this session has a last call.
 *
 * @throws {SyntaxError} when the line cannot be read.
 */
export function referencesNamedBy(session: Session, line: string): string[] {
  return referencesIn(patternNamedBy(line))
    .filter((name) => !(session.last && /^last(?::|$)/.test(name)));
}

/**
 * The pattern in a line; empty without one.
 *
 * @throws {SyntaxError} when the line cannot be read.
 */
export function patternNamedBy(line: string): string {
  const meaning = readLine(line);
  if (meaning.kind !== "word") return "";
  if (findWord(meaning.word).operand !== "pattern") return "";
  return meaning.word === "last" || meaning.word === "compare"
    ? readLastOperands(meaning.word, meaning.text).words[0] ?? ""
    : meaning.text.trim();
}

type Handler = (session: Session, text: string, world: World) => Step;

const HANDLERS: Record<WordName, Handler> = {
  use(session, text, world) {
    const pattern = text || (world.limit?.pattern ?? "all");
    const hosts = selectInSession(session, pattern, world);
    return chosen(session, { pattern: shownPattern(pattern, hosts), hosts });
  },
  add(session, text, world) {
    const more = selectInSession(
      session,
      need(text, "add", "a pattern"),
      world,
    );
    const names = new Set([...session.hosts, ...more]);
    const known = [...world.inventory.hosts.keys()];
    const hosts = known.filter((name) => names.delete(name));
    // The rest is not in the inventory, like `localhost`.
    const all = [...hosts, ...names];
    const pattern = addPattern(session.pattern, text, all);
    return chosen(session, { pattern, hosts: all });
  },
  drop(session, text, world) {
    const less = new Set(
      selectInSession(session, need(text, "drop", "a pattern"), world),
    );
    const hosts = session.hosts.filter((name) => !less.has(name));
    if (hosts.length === session.hosts.length) {
      throw new SyntaxError(`Cannot drop ${text}: it is not chosen`);
    }
    if (hosts.length === 0) {
      throw new SyntaxError(`Cannot drop ${text}: no host would remain`);
    }
    const pattern = dropPattern(session.pattern, text, hosts);
    return chosen(session, { pattern, hosts });
  },
  hosts: (session, _, world) => say(session, hostsText(session, world)),
  gates: (session, _, world) =>
    say(session, gatesText(session, world) + fanoutText(session)),
  open: (session, text, world) => ({
    session,
    effects: [{
      do: "open",
      hosts: text ? selectInSession(session, text, world) : session.hosts,
      wait: true,
    }],
  }),
  close: (session, text, world) => ({
    session,
    effects: [{
      do: "close",
      hosts: text ? selectInSession(session, text, world) : session.hosts,
    }],
  }),
  retry(session, _, { gates }) {
    const hosts = session.hosts.filter((name) =>
      /^(?:lost|failed)$/.test(gates.get(name)?.state ?? "")
    );
    return hosts.length === 0
      ? say(session, "Nothing to retry: no gate was lost or failed to open\n")
      : { session, effects: [{ do: "open", hosts, wait: true }] };
  },
  failed: (session) =>
    showLast(session, {
      isShown: ({ status }) => isFailure(status),
      otherwise: "No host failed in the last call\n",
    }),
  changed: (session) =>
    showLast(session, {
      isShown: ({ status, changed }) => changed || status === "changed",
      otherwise: "The last call changed nothing\n",
    }),
  last: (session, text, world) =>
    giveLast(session, world, { word: "last", text }),
  compare: (session, text, world) =>
    giveLast(session, world, { word: "compare", text }),
  vars(session, text, { inventory, secrets }) {
    const host = inventory.hosts.get(need(text, "vars", "a host"));
    if (host) {
      const page = varsText(host, secrets);
      return { session, effects: [{ do: "page", text: page }] };
    }
    throw new SyntaxError(`Cannot show the variables of ${text}: no such host`);
  },
  check: (session, text) => switchTo(session, "check", text),
  diff: (session, text) => switchTo(session, "diff", text),
  stream: (session, text) => switchTo(session, "stream", text),
  become(session, text) {
    if (text === "") return say(session, becomeText(session));
    if (/\s/.test(text)) {
      throw new SyntaxError(
        `:become takes on, off or a user name, not ${text}`,
      );
    }
    const become = {
      enabled: text !== "off",
      ...(text === "on" || text === "off" ? {} : { user: text }),
    };
    return {
      session: set(session, { become }),
      effects: [
        { do: "become", become },
        { do: "open", hosts: session.hosts, wait: false },
      ],
    };
  },
  fanout(session, text) {
    if (text === "") {
      const { fanout } = session.settings;
      return say(session, `At most ${fanout} gates are open at once\n`);
    }
    if (!/^[1-9]\d{0,8}$/.test(text)) {
      throw new SyntaxError(`Not a positive whole number: ${text}`);
    }
    const fanout = Number(text);
    return {
      session: set(session, { fanout }),
      effects: [{ do: "fanout", hosts: fanout }],
    };
  },
  background(session, text) {
    const { backgroundMs, ...settings } = session.settings;
    if (text === "") {
      return say(
        session,
        backgroundMs === undefined
          ? "Calls are waited for\n"
          : `Modules run as jobs of ${backgroundMs / 1000} s at most\n`,
      );
    }
    if (text === "off") return quiet({ ...session, settings });
    return quiet(set(session, { backgroundMs: parseDuration(text) }));
  },
  jobs(session, operands) {
    const text = jobArguments(operands);
    const listsJobs = text === LIST_JOBS;
    return {
      session,
      effects: [{ do: "call", module: "async_status", text, listsJobs }],
    };
  },
  confirm(session, text) {
    const { confirm, ...settings } = session.settings;
    if (text === "") {
      return say(
        session,
        confirm === undefined
          ? "Calls run without a question\n"
          : `Calls on more than ${confirm} hosts are asked about\n`,
      );
    }
    if (text === "off") return quiet({ ...session, settings });
    if (!/^\d{1,9}$/.test(text)) {
      throw new SyntaxError(`:confirm takes a number or off, not ${text}`);
    }
    return quiet(set(session, { confirm: Number(text) }));
  },
  timeout(session, text) {
    if (text !== "") {
      return quiet(set(session, { timeoutMs: parseDuration(text) }));
    }
    const seconds = (session.settings.timeoutMs ?? CALL_DEFAULTS.timeoutMs) /
      1000;
    return say(session, `A call may run for ${seconds} s on a host\n`);
  },
  format(session, text) {
    const [name, columns] = text.split(/\s+/);
    if (!name) {
      return say(session, `Results are shown as ${session.settings.format}\n`);
    }
    const format = FORMATS.find((each) => each === name);
    if (!format || (columns && format !== "table")) {
      throw new SyntaxError(
        `Unknown format ${text}: use ${FORMATS.join(", ")} or table COLUMN,…`,
      );
    }
    const { columns: _, ...settings } = session.settings;
    return quiet({
      ...session,
      settings: {
        ...settings,
        format,
        ...(columns && { columns: columns.split(",").filter(Boolean) }),
      },
    });
  },
  push: (session, text) => ({
    session,
    effects: [{ do: "transfer", call: { push: readTransfer("push", text) } }],
  }),
  fetch: (session, text) => ({
    session,
    effects: [{ do: "transfer", call: { fetch: readTransfer("fetch", text) } }],
  }),
  save: (session, text) => ({
    session,
    effects: [{ do: "save", file: need(text, "save", "a file") }],
  }),
  source: (session, text) => ({
    session,
    effects: [{ do: "source", file: need(text, "source", "a file") }],
  }),
  doc: (session, text) => ({
    session,
    effects: [{ do: "doc", module: need(text, "doc", "a module") }],
  }),
  help: (session, text) => ({
    session,
    effects: [{ do: "page", text: helpText(text) }],
  }),
  quit: (session) => ({ session, effects: [{ do: "quit" }] }),
};

const LIST_JOBS = "mode=list";

/** The arguments of async_status for the operands of `:jobs`. */
function jobArguments(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const mode = /^(?:list|status|wait|cancel)$/.test(words[0] ?? "")
    ? words.shift()!
    : undefined;
  const [job, ...others] = words;
  if (others.length > 0 || (job !== undefined && !/^j?[\d.]+$/.test(job))) {
    throw new SyntaxError(
      `:jobs takes wait or cancel, and a job, not ${text}`,
    );
  }
  if (job === undefined) {
    if (mode === undefined || mode === "list") return LIST_JOBS;
    throw new SyntaxError(`:jobs ${mode} needs a job: :jobs lists them`);
  }
  return `mode=${mode ?? "status"} jid=${job} known=false`;
}

/** Explains why gates close by themselves. */
function fanoutText({ hosts, settings: { fanout } }: Session): string {
  if (hosts.length <= fanout) return "";
  return `At most ${fanout} gates are open at once; idle gates close to make ` +
    `room. :fanout ${hosts.length} keeps all open\n`;
}

function becomeText({ settings: { become } }: Session): string {
  if (become === undefined) {
    return "The inventory sets the user that calls run as\n";
  }
  if (!become.enabled) return "Calls run as the login user\n";
  const user = become.user ?? "root, unless the inventory sets another user";
  return `Calls run as ${user}\n`;
}

function need(text: string, word: WordName, what: string): string {
  if (text !== "") return text;
  throw new SyntaxError(`:${word} needs ${what}`);
}

function chosen(
  session: Session,
  choice: Pick<Session, "pattern" | "hosts">,
): Step {
  return {
    session: { ...session, ...choice },
    effects: [{ do: "open", hosts: choice.hosts, wait: false }],
  };
}

function quiet(session: Session): Step {
  return { session, effects: [] };
}

function set(session: Session, settings: Partial<Settings>): Session {
  return { ...session, settings: { ...session.settings, ...settings } };
}

function switchTo(
  session: Session,
  name: "check" | "diff" | "stream",
  text: string,
): Step {
  if (text === "on" || text === "off") {
    return quiet(set(session, { [name]: text === "on" }));
  }
  if (text !== "") {
    throw new SyntaxError(`:${name} takes on or off, not ${text}`);
  }
  return say(session, `${name} is ${session.settings[name] ? "on" : "off"}\n`);
}
