// Does what a session's steps say: makes calls, opens gates, reads files. The
// one place where the console's lines meet the fleet, with a terminal or
// without.
import { parseArgumentText } from "../../core/input/arguments.ts";
import { argsOf, type Call, type Summary } from "../../core/call/call.ts";
import type { RunEvent } from "../../core/call/run_event.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import { BuildError } from "../../errors.ts";
import type { RolloutOptions } from "../../core/run/rollout.ts";
import { run } from "../../core/run/run.ts";
import {
  type Host,
  implicitHost,
  type Inventory,
} from "../../inventory/inventory.ts";
import type { GateStatus } from "./gate_status.ts";
import { readLine, wordWithoutColon } from "../lines/line.ts";
import { replay, RunMemory } from "./run_memory.ts";
import { linesOf, type LinesOutcome, takeLines } from "./line_script.ts";
import { mayKeep } from "../lines/secrecy.ts";
import type { Effect, Session, Settings } from "../lines/session.ts";
import { referencesNamedBy, step } from "../lines/step.ts";
import { findWord } from "../lines/words.ts";

/** What a performer works with. */
export interface ExecutorOptions {
  readonly inventory: Inventory;
  readonly fleet: HostFleet;
  readonly gates: GateStatus;
  /** What the session begins with. */
  readonly session: Session;
  /** What holds for every call besides the session's settings. */
  readonly call: Partial<Call>;
  /** How calls go through the hosts. */
  readonly rollout?: RolloutOptions;
  /** Keep `invocation` in results. */
  readonly keepInvocation: boolean;
  /** Open the gates of hosts as soon as they are chosen. */
  readonly opensAhead: boolean;
  readText(path: string): Promise<string>;
  /** What `@name`s of a pattern stand for, given without their `@`. */
  readReferences(names: readonly string[]): Promise<Map<string, string[]>>;
  /** Writes a file that must not exist yet. */
  writeNew(path: string, text: string): Promise<void>;
  /** Shows a line of a file before it is taken. */
  echo(line: string): void;
  /** Says where a file has failed. */
  onStop(place: string): void;
  /** Says something of the console's own. */
  say(text: string): void;
  /** Asks for another user's password; `renew`: also what nobody answered. */
  readonly becomeAsking?: {
    readonly ask: NonNullable<HostFleet["become"]["ask"]>;
    renew(): void;
  };
  /** Shows a run as the settings ask for; resolves to its summary. */
  show(
    events: AsyncIterable<RunEvent>,
    how: { settings: Settings; whole: boolean; isNew: boolean },
  ): Promise<Summary>;
  /** A module's documentation as text. */
  documentation(module: string): Promise<string>;
}

/** Files that source each other in a circle end here. */
const MAX_DEPTH = 8;

/** A session with hosts, files and a place to show things. */
export class Executor {
  readonly #options: ExecutorOptions;
  #session: Session;
  /** Lines for `:save`. */
  readonly #lines: string[] = [];
  /** What the options said of it. */
  readonly #become: HostFleet["become"];
  #depth = 0;
  readonly #end = new AbortController();

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#session = options.session;
    this.#become = options.fleet.become;
    this.#becomeAs({});
  }

  get session(): Session {
    return this.#session;
  }

  /**
   * Takes one whole line.
   *
   * @throws {SyntaxError} when it cannot be read.
   * @throws {FtlError} when it cannot be done.
   */
  async take(line: string, signal: AbortSignal): Promise<LinesOutcome> {
    const { inventory, fleet, gates, readReferences } = this.#options;
    const references = await readReferences(
      referencesNamedBy(this.#session, line),
    );
    const { session, effects } = step(this.#session, line, {
      inventory,
      references,
      gates: gates.states,
      now: Date.now(),
    });
    if (session.hosts !== this.#session.hosts) {
      await fleet.findRoutes(this.#fleetOf(session.hosts));
    }
    this.#session = session;
    let outcome: LinesOutcome = { hasQuit: false, mayKeep: mayKeep(line) };
    for (const effect of effects) {
      const next = await this.#perform(effect, line, signal);
      outcome = {
        ...next,
        mayKeep: outcome.mayKeep && (next.mayKeep ?? true),
        hasQuit: outcome.hasQuit || (next.hasQuit ?? false),
      };
    }
    if (outcome.mayKeep && isWorthSaving(line)) this.#lines.push(line);
    return outcome;
  }

  /** Begins to open the gates of the chosen hosts, in the background. */
  openChosen(): void {
    const hosts = this.#fleetOf(this.#session.hosts);
    this.#options.gates.open(hosts, this.#end.signal);
  }

  /** Ends what goes on in the background. */
  end(): void {
    this.#end.abort(new DOMException("The session is over", "AbortError"));
  }

  async #perform(
    effect: Effect,
    line: string,
    signal: AbortSignal,
  ): Promise<Partial<LinesOutcome>> {
    const { fleet, gates, say, show } = this.#options;
    switch (effect.do) {
      case "call":
        try {
          return await this.#call(await this.#readCall(effect), line, signal);
        } catch (error) {
          throw await this.#advise(error, line, effect.module);
        }
      case "exec":
        return await this.#call(
          { command: [effect.command] },
          line,
          signal,
        );
      case "transfer":
        return await this.#call(effect.call, line, signal);
      case "show": {
        const { settings } = this.#session;
        const { whole } = effect;
        await show(replay(effect.events), { settings, whole, isNew: false });
        return {};
      }
      case "say":
        say(effect.text);
        return {};
      case "open":
        await this.#open(effect, signal);
        return {};
      case "close":
        await gates.close(effect.hosts);
        return {};
      case "become":
        this.#becomeAs(effect.become);
        gates.refresh();
        return {};
      case "fanout":
        fleet.fanout = effect.hosts;
        return {};
      case "source":
        return await this.#source(effect.file, signal);
      case "save":
        await this.#save(effect.file);
        return {};
      case "doc":
        say(await this.#options.documentation(effect.module));
        return {};
      case "quit":
        return { hasQuit: true };
    }
  }

  #becomeAs(become: HostFleet["become"]): void {
    const { fleet, becomeAsking } = this.#options;
    becomeAsking?.renew();
    fleet.become = { ...this.#become, ...become, ask: becomeAsking?.ask };
  }

  /** Who forgot a sign before a word is told of it. */
  async #advise(
    error: unknown,
    line: string,
    module: string,
  ): Promise<unknown> {
    if (!(error instanceof BuildError)) return error;
    const isThere = await this.#options.fleet.locate(module)
      .catch(() => true);
    if (isThere) return error;
    const word = wordWithoutColon(line);
    const hint = word === undefined
      ? [error.hint, "A shell command begins with !"].filter(Boolean)
      : [`The console's own words begin with a colon: :${word}`];
    return new BuildError(error.message, {
      cause: error,
      hint: hint.join("\n     "),
    });
  }

  async #readCall(
    { module, text }: { module: string; text: string },
  ): Promise<Call> {
    const { readText } = this.#options;
    const { args, secrets } = await parseArgumentText(text, {
      module,
      readText,
    });
    return { module, args, secrets };
  }

  async #call(
    call: Call,
    line: string,
    signal: AbortSignal,
  ): Promise<Partial<LinesOutcome>> {
    const { fleet, gates, keepInvocation, rollout, show } = this.#options;
    const { settings, hosts } = this.#session;
    const { check, diff, stream, timeoutMs } = settings;
    const settled = {
      ...this.#options.call,
      check: check ?? false,
      diff: diff ?? false,
      stream: stream ?? false,
      ...(timeoutMs && { timeoutMs }),
      ...call,
    };
    const args = argsOf(call);
    const memory = new RunMemory();
    const events = memory.follow(
      run(fleet, settled, { signal, hosts, keepInvocation, ...rollout }),
      (result) => gates.noteResult(result),
    );
    try {
      const summary = await show(events, {
        settings,
        whole: false,
        isNew: true,
      });
      return {
        summary,
        mayKeep: mayKeep(line, { args, shown: memory.shownArgs ?? args }),
      };
    } finally {
      gates.watch();
      const last = memory.whole();
      if (last) this.#session = { ...this.#session, last };
    }
  }

  async #open(
    { hosts, wait }: { hosts: readonly string[]; wait: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { gates, opensAhead } = this.#options;
    if (!wait && !opensAhead) return;
    // What opens in the background is not ended with the line's call.
    const opened = gates.open(
      this.#fleetOf(hosts),
      wait ? signal : this.#end.signal,
    );
    if (wait) await opened;
  }

  async #source(
    file: string,
    signal: AbortSignal,
  ): Promise<Partial<LinesOutcome>> {
    if (this.#depth === MAX_DEPTH) {
      throw new SyntaxError(`Cannot source ${file}: the files go in a circle`);
    }
    const lines = linesOf(await this.#options.readText(file));
    this.#depth++;
    try {
      return await takeLines(lines, {
        name: file,
        keepGoing: false,
        signal,
        take: (line) => {
          this.#options.echo(line);
          return this.take(line, signal);
        },
        onStop: this.#options.onStop,
      });
    } finally {
      this.#depth--;
    }
  }

  async #save(file: string): Promise<void> {
    const text = this.#lines.map((line) => line + "\n").join("");
    await this.#options.writeNew(file, text);
    const count = this.#lines.length;
    const what = count === 1 ? "1 line is" : `${count} lines are`;
    this.#options.say(`${what} in ${file}\n`);
  }

  /** The hosts of these names, which are in the fleet from now on. */
  #fleetOf(names: readonly string[]): Host[] {
    const { inventory, fleet } = this.#options;
    const hosts = names.map((name) =>
      inventory.hosts.get(name) ?? implicitHost(name)!
    );
    fleet.add(hosts);
    return hosts;
  }
}

function isWorthSaving(line: string): boolean {
  const meaning = readLine(line);
  if (meaning.kind !== "word") return meaning.kind !== "nothing";
  const { isSetting = false, asks = false } = findWord(meaning.word);
  return isSetting && !(asks && meaning.text === "");
}
