// What `ftl console` does: a session on a fleet, with lines from a terminal, a
// script or a pipe.
import { GateBook } from "../console/gate_book.ts";
import { Performer } from "../console/performer.ts";
import { linesOf, takeLines } from "../console/script.ts";
import { mayKeep } from "../console/secrecy.ts";
import type { Settings } from "../console/session.ts";
import type { Fleet } from "../core/fleet.ts";
import type { Host, Inventory } from "../inventory/inventory.ts";
import { escapeLine } from "../output/escape.ts";
import { callOf } from "./call.ts";
import type { Context } from "./context.ts";
import { askToBecome } from "./secrets/credentials.ts";
import {
  errorText,
  EXIT,
  exitCodeFor,
  exitCodeOf,
  warningText,
} from "./exit_code.ts";
import { readText, writeNewText } from "./files.ts";
import { createFacts } from "./facts.ts";
import { makeFleet } from "./fleet.ts";
import { readHosts } from "./hosts.ts";
import type {
  CallOptions,
  ConnectOptions,
  HostOptions,
  ModuleOptions,
  OutputOptions,
} from "./options.ts";
import { readReferences } from "./references.ts";
import {
  createDisplay,
  type Display,
  finish,
  follow,
  isPlain,
  wantsColour,
} from "./show.ts";
import { sourcesOf } from "./sources.ts";

/** All that `ftl console` may be told. */
export type ConsoleOptions =
  & HostOptions
  & ConnectOptions
  & ModuleOptions
  & CallOptions
  & OutputOptions
  & { script?: string; keepGoing?: boolean; gate?: string };

/** Runs a session; resolves to the exit status. */
export async function runConsole(
  options: ConsoleOptions,
  context: Context,
): Promise<number> {
  const { inventory, hosts } = await readHosts(options, context);
  if (options.listHosts) {
    context.out(hosts.map(({ name }) => escapeLine(name) + "\n").join(""));
    return EXIT.ok;
  }
  createDisplay(options, context); // says what is wrong before the first call
  await using fleet = await makeFleet(hosts, options, context);
  await fleet.findRoutes(hosts);
  const stage = new Stage({ options, context, inventory, hosts, fleet });
  const isTyped = options.script === undefined && context.isTerminal.in;
  return isTyped ? await stage.runTyped() : await stage.runScript();
}

interface StageOptions {
  options: ConsoleOptions;
  context: Context;
  inventory: Inventory;
  hosts: readonly Host[];
  fleet: Fleet;
}

/** Where a session plays: what it is made of, and what is shown just now. */
class Stage {
  readonly #stage: StageOptions;
  readonly #gates: GateBook;
  #display: Display | undefined;
  #kept = Promise.resolve();
  #isTyped = false;

  constructor(stage: StageOptions) {
    this.#stage = stage;
    this.#gates = new GateBook(stage.fleet);
  }

  /** Lines from a file or a pipe. */
  async runScript(): Promise<number> {
    const { options, context } = this.#stage;
    const { script } = options;
    const performer = this.#performer({ opensAhead: false });
    const { summary, hasErred } = await takeLines(
      script === undefined
        ? context.inputLines()
        : linesOf(await readText(script, context)),
      {
        name: script ?? "stdin",
        keepGoing: options.keepGoing ?? false,
        signal: context.signal,
        take: (line) => {
          this.#echo(line);
          return performer.take(line, context.signal);
        },
        onStop: (place) => this.#sayStopped(place),
        onError: (error) => {
          if (exitCodeFor(error) !== EXIT.usage) throw error;
          context.err(errorText(error));
        },
      },
    );
    await this.#kept;
    if (context.signal.aborted) return EXIT.interrupted;
    const status = summary ? exitCodeOf(summary) : EXIT.ok;
    return status === EXIT.ok && hasErred ? EXIT.usage : status;
  }

  /** Lines that somebody types. */
  async runTyped(): Promise<number> {
    const { options, context, inventory } = this.#stage;
    const [{ runTerminal }, { openHistory }, process] = await Promise.all([
      import("../console/terminal.ts"),
      import("../store/history.ts"),
      import("node:process"),
    ]);
    this.#isTyped = true;
    const performer = this.#performer({ opensAhead: true });
    await runTerminal(performer, this.#gates, {
      input: process.stdin,
      write: context.isTerminal.out ? context.out : context.err,
      width: () => context.columns,
      facts: createFacts(inventory, options),
      history: await openHistory().catch((error) => {
        context.err(errorText(error));
        return { lines: [], add: () => Promise.resolve() };
      }),
      sayPending: () => this.#display?.sayPending(),
      describe: errorText,
      plain: isPlain(options, context),
      colour: wantsColour(options, context),
      catchInterrupt: context.catchInterrupt,
      signal: context.signal,
      lend: context.lendTerminal,
    });
    await this.#kept;
    return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
  }

  /** Shows a line that nobody has typed, where somebody looks. */
  #echo(line: string): void {
    const { options, context } = this.#stage;
    if (!this.#isTyped && !options.verbose) return;
    const shown = mayKeep(line) ? line : `${line.trim().split(/\s/)[0]} …`;
    const write = this.#isTyped ? context.out : context.err;
    if (line.trim() !== "") write(`> ${escapeLine(shown)}\n`);
  }

  #sayStopped(place: string): void {
    const hint = this.#isTyped ? "" : "; --keep-going goes on";
    this.#stage.context.err(
      warningText(`Stopped at ${place}, which failed${hint}`),
    );
  }

  #performer({ opensAhead }: { opensAhead: boolean }): Performer {
    const { options, context, inventory, hosts, fleet } = this.#stage;
    const { check, diff, stream, timeoutMs, ...call } = callOf(options);
    return new Performer({
      inventory,
      fleet,
      gates: this.#gates,
      session: {
        pattern: options.limit ?? "all",
        hosts: hosts.map(({ name }) => name),
        settings: {
          check: check ?? false,
          diff: diff ?? false,
          stream: stream ?? false,
          ...(timeoutMs && { timeoutMs }),
          ...becoming(fleet),
          format: options.format ?? "text",
          ...(options.columns && { columns: options.columns }),
          fanout: fleet.fanout,
        },
      },
      call,
      rollout: { serial: options.serial, maxFail: options.maxFail },
      keepInvocation: (options.verbose ?? 0) >= 3,
      opensAhead,
      ...(this.#isTyped && { becomeAsking: askToBecome(context) }),
      readText: (path) => readText(path, context),
      readReferences: (names) => readReferences(names, context),
      writeNew: writeNewText,
      echo: (line) => this.#echo(line),
      onStop: (place) => this.#sayStopped(place),
      say: context.out,
      show: async (events, { settings, whole, isNew }) => {
        const { columns: _, diffHosts, ...rest } = options;
        const { format, columns } = settings;
        const verbose = (options.verbose ?? 0) + (whole ? 1 : 0);
        this.#display = createDisplay({
          ...rest,
          format,
          verbose,
          ...(this.#isTyped && { remedy: ":last" }),
          // The format may have changed since the options were checked.
          ...(columns && { columns: [...columns] }),
          ...(diffHosts && format === "text" && { diffHosts }),
          ...(!isNew && { record: false }),
        }, context);
        const summary = await follow(events, this.#display);
        this.#keep(this.#display);
        return summary;
      },
      documentation: (module) => this.#documentation(module),
    });
  }

  /** Keeps what is to be kept of a run, while the next line is read. */
  #keep(display: Display): void {
    const { context } = this.#stage;
    this.#kept = this.#kept.then(() => finish(display))
      .catch((error) => context.err(errorText(error)));
  }

  async #documentation(module: string): Promise<string> {
    const { options, context } = this.#stage;
    const { readDocumentation } = await import("../gate/documentation.ts");
    const { documentationText } = await import("../output/documentation.ts");
    return documentationText(
      await readDocumentation(module, sourcesOf(options)),
      {
        colour: wantsColour(options, context),
        width: context.columns,
        command: "",
      },
    );
  }
}

/** Whom the options become, when they say so. */
function becoming(
  { become: { enabled, user } }: Fleet,
): Pick<Settings, "become"> {
  if (enabled === undefined) return {};
  return { become: { enabled, ...(user !== undefined && { user }) } };
}
