// Carries out the effects of lines: makes calls, opens gates, reads files. The
// only part of the console that uses the fleet, with or without a terminal.
import { parseArgumentText } from "../../core/input/arguments.ts";
import { argsOf, type Call } from "../../core/call/call.ts";
import { settledCall } from "./settled_call.ts";
import type { HostFleet } from "../../core/fleet/host_fleet.ts";
import { engineOf } from "../../core/run/engine.ts";
import { type Host, implicitHost } from "../../inventory/inventory.ts";
import { readLine } from "../lines/line.ts";
import { adviseDrop } from "../lines/line_advice.ts";
import { adviseOnModule } from "./module_advice.ts";
import { replay, RunMemory } from "./run_memory.ts";
import { linesOf, type LinesOutcome, takeLines } from "./line_script.ts";
import { mayKeep } from "../lines/secrecy.ts";
import type { Effect, Session } from "../lines/session.ts";
import { patternNamedBy, referencesNamedBy, step } from "../lines/step.ts";
import { sessionReferences } from "../lines/session_hosts.ts";
import { decideExpressions } from "../../inventory/expression.ts";
import { findWord } from "../lines/words.ts";
import type { ExecutorOptions } from "./executor_options.ts";

/** What is said in place of opening and closing gates of other machines. */
const OF_WORKERS =
  "Workers open the gates for each call, and close them after it\n";

/** Limits files that source each other. */
const MAX_DEPTH = 8;

/** Runs the lines of one session. */
export class Executor {
  readonly #options: ExecutorOptions;
  #session: Session;
  /** Lines for `:save`. */
  readonly #lines: string[] = [];
  /** The become settings of the options. */
  readonly #become: HostFleet["become"];
  #depth = 0;
  #isCallingModule = false;
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

  /** Whether the gates are those of this process. */
  get hasGates(): boolean {
    return this.#options.workers === undefined;
  }

  /** Whether a module runs, on gates that need pings. */
  get isCallingModule(): boolean {
    return this.#isCallingModule;
  }

  /**
   * Runs one complete line.
   *
   * @throws {SyntaxError} when it cannot be parsed.
   * @throws {FtlError} when it cannot be carried out.
   */
  async take(line: string, signal: AbortSignal): Promise<LinesOutcome> {
    const { inventory, fleet, gates, limit, readReferences } = this.#options;
    const references = await readReferences(
      referencesNamedBy(this.#session, line),
    );
    const expressions = await decideExpressions(
      inventory,
      patternNamedBy(line),
      {
        references: sessionReferences(this.#session, { references }),
        seen: (host) => fleet.facts.seen(host),
      },
    );
    const { session, effects } = step(this.#session, line, {
      inventory,
      limit,
      references,
      expressions,
      gates: gates.states,
      secrets: fleet.secrets,
      now: Date.now(),
    });
    if (session.hosts !== this.#session.hosts) {
      const hosts = this.#fleetOf(session.hosts);
      if (this.#options.workers === undefined) await fleet.findRoutes(hosts);
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

  /** Starts to open the gates of the chosen hosts, in the background. */
  openChosen(): void {
    if (this.#options.workers !== undefined) return;
    const hosts = this.#fleetOf(this.#session.hosts);
    this.#options.gates.open(hosts, this.#end.signal);
  }

  /** Stops opening gates in the background. */
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
          const { listsJobs } = effect;
          const call = await this.#readCall(effect);
          return await this.#call(call, line, { signal, listsJobs });
        } catch (error) {
          const { module } = effect;
          throw await adviseOnModule(error, { line, module, fleet });
        }
      case "exec":
        return await this.#call(
          { command: [effect.command] },
          line,
          { signal },
        );
      case "transfer":
        return await this.#call(effect.call, line, { signal });
      case "show": {
        const { settings } = this.#session;
        const { whole, compares = false, listsJobs = false } = effect;
        await show(() => replay(effect.events), {
          settings,
          whole,
          compares,
          listsJobs,
          isNew: false,
          signal,
        });
        return {};
      }
      case "give":
        await this.#give(effect, signal);
        return {};
      case "say":
        say(effect.text);
        return {};
      case "open":
        await this.#open(effect, signal);
        return {};
      case "close":
        if (this.#options.workers) say(OF_WORKERS);
        else await gates.close(effect.hosts);
        return {};
      case "become":
        this.#becomeAs(effect.become);
        gates.refresh();
        return {};
      case "fanout":
        if (this.#options.workers) say("Workers have a fanout of their own\n");
        else fleet.fanout = effect.hosts;
        return {};
      case "source":
        return await this.#source(effect.file, signal);
      case "save":
        await this.#save(effect.file);
        return {};
      case "page":
        await this.#page(effect.text);
        return {};
      case "doc":
        await this.#page(await this.#options.documentation(effect.module));
        return {};
      case "quit":
        return { hasQuit: true };
    }
  }

  /** The lines of a file do not wait for a user who reads. */
  async #page(text: string): Promise<void> {
    if (this.#depth > 0) this.#options.say(text);
    else await this.#options.page(text);
  }

  #becomeAs(become: HostFleet["become"]): void {
    const { fleet, becomeAsking } = this.#options;
    becomeAsking?.renew();
    fleet.become = { ...this.#become, ...become, ask: becomeAsking?.ask };
  }

  async #readCall(
    { module, text }: { module: string; text: string },
  ): Promise<Call> {
    const { readText, dataReading } = this.#options;
    const { args, secrets, literal } = await parseArgumentText(text, {
      ...dataReading,
      module,
      readText,
    });
    return {
      module,
      args,
      secrets,
      literal,
      render: this.#options.render ?? true,
    };
  }

  async #call(
    call: Call,
    line: string,
    { signal, listsJobs = false }: {
      signal: AbortSignal;
      listsJobs?: boolean | undefined;
    },
  ): Promise<Partial<LinesOutcome>> {
    const { fleet, gates, keepInvocation, rollout, show } = this.#options;
    const { settings, hosts } = this.#session;
    const { mayRunOn } = this.#options;
    if (!await mayRunOn(hosts.length, settings.confirm, signal)) {
      this.#options.say("Nothing was run\n");
      return {};
    }
    const settled = settledCall({ ...this.#options.call, ...call }, settings);
    const args = argsOf(call);
    const memory = new RunMemory();
    const engine = this.#options.workers ?? engineOf(fleet);
    const task = { call: settled, hosts, keepInvocation, ...rollout };
    const start = (signal: AbortSignal) =>
      memory.follow(
        engine.run(task, { signal }),
        (result) => gates.noteResult(result),
      );
    this.#isCallingModule = "module" in call;
    try {
      const summary = await show(start, {
        settings,
        whole: false,
        compares: false,
        listsJobs,
        isNew: true,
        signal,
        ...("background" in settled && { background: settled.background }),
      });
      const advice = adviseDrop(memory.whole()?.results.values() ?? []);
      if (this.#options.opensAhead && advice) this.#options.say(advice);
      return {
        summary,
        mayKeep: mayKeep(line, { args, shown: memory.shownArgs ?? args }),
      };
    } finally {
      this.#isCallingModule = false;
      gates.watch();
      const last = memory.whole();
      if (last) {
        this.#session = { ...this.#session, last: { ...last, listsJobs } };
      }
    }
  }

  async #open(
    { hosts, wait }: { hosts: readonly string[]; wait: boolean },
    signal: AbortSignal,
  ): Promise<void> {
    const { gates, opensAhead } = this.#options;
    if (!wait && !opensAhead) return;
    if (this.#options.workers) {
      if (wait) this.#options.say(OF_WORKERS);
      return;
    }
    // Ending the line's call must not stop gates that open in the background.
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
      throw new SyntaxError(
        `Cannot source ${file}: files source each other in a circle`,
      );
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

  async #give(
    { content, to }: Extract<Effect, { do: "give" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { document, feed, writeNew, say } = this.#options;
    const text = typeof content === "string"
      ? content
      : await document(replay(content));
    if ("command" in to) return await feed(to.command, text, signal);
    await writeNew(to.file, text);
    say(`Saved the results to ${to.file}\n`);
  }

  async #save(file: string): Promise<void> {
    const text = this.#lines.map((line) => line + "\n").join("");
    await this.#options.writeNew(file, text);
    const count = this.#lines.length;
    const what = count === 1 ? "1 line" : `${count} lines`;
    this.#options.say(`Saved ${what} to ${file}\n`);
  }

  /** Returns the hosts of these names, and adds them to the fleet. */
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
  const { isSetting = false, showsCurrent = false } = findWord(meaning.word);
  return isSetting && !(showsCurrent && meaning.text === "");
}
