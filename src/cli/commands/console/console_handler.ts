// `ftl console`: a session on a fleet, with lines from a terminal, a script or a
// pipe.
import { GateStatus } from "../../../console/session/gate_status.ts";
import { Executor } from "../../../console/session/executor.ts";
import { linesOf, takeLines } from "../../../console/session/line_script.ts";
import { mayKeep } from "../../../console/lines/secrecy.ts";
import type { HostLimit, Settings } from "../../../console/lines/session.ts";
import type { HandOver } from "../../../console/terminal/lent_terminal.ts";
import type { Engine } from "../../../core/run/engine.ts";
import type { HostFleet } from "../../../core/fleet/host_fleet.ts";
import type { Host, Inventory } from "../../../inventory/inventory.ts";
import { escapeLine } from "../../../output/escape.ts";
import { callOf } from "../../input/call_options.ts";
import type { Context } from "../context.ts";
import { askToBecome } from "../../credentials/credentials.ts";
import {
  errorText,
  EXIT,
  exitCodeFor,
  exitCodeOf,
  warningText,
} from "../../process/exit_code.ts";
import { readText, writeNewText } from "../../options/named_files.ts";
import { createRenderer } from "../../../output/create_renderer.ts";
import { feedCommand } from "../../process/feed_command.ts";
import { VERSION } from "../../process/version.ts";
import { createCompletionSource } from "../../completion/completion_source.ts";
import { SessionInventory } from "../../../core/fleet/session_inventory.ts";
import { makeFleet } from "../../input/fleet_options.ts";
import { mayRunOn } from "../../input/confirmation.ts";
import { readHosts } from "../../input/chosen_hosts.ts";
import type { NatsOptions } from "../../options/nats_rows.ts";
import type {
  CallOptionValues,
  ConnectOptions,
  HostOptions,
  ModuleOptions,
  OutputOptions,
} from "../../options/options.ts";
import { dataReadingOf } from "../../input/data_reading.ts";
import { readReferences } from "../../input/pattern_references.ts";
import {
  createDisplay,
  type Display,
  finish,
  follow,
  isPlain,
  wantsColor,
} from "../../display/show_events.ts";
import { createJobRecorder } from "../../display/job_recorder.ts";
import { showPages } from "../../terminal/pager.ts";
import { sourcesOf } from "../../input/module_sources.ts";

/** The options of `ftl console`. */
export type ConsoleOptions =
  & HostOptions
  & ConnectOptions
  & ModuleOptions
  & NatsOptions
  & CallOptionValues
  & OutputOptions
  & {
    script?: string;
    keepGoing?: boolean;
    gate?: string;
    forceArgs?: boolean;
    render?: boolean;
  };

/** Runs a session; resolves to the exit status. */
export async function handleConsole(
  options: ConsoleOptions,
  context: Context,
): Promise<number> {
  const { inventory: read, hosts, limit, loaded, extra } = await readHosts(
    options,
    context,
  );
  if (options.listHosts) {
    context.out(hosts.map(({ name }) => escapeLine(name) + "\n").join(""));
    return EXIT.ok;
  }
  await createDisplay(options, context); // checks the options before the first call
  const inventory = new SessionInventory(read, { loaded, extra });
  const session = { inventory, session: inventory };
  await using engine = options.nats === undefined
    ? undefined
    : await openWorkers(hosts, options, context, session);
  await using own = engine === undefined
    ? await makeFleet(hosts, options, context, session)
    : undefined;
  await own?.findRoutes(hosts);
  const runner = new SessionRunner({
    ...{ options, context, inventory, hosts, limit },
    ...{ fleet: own ?? engine!.fleet, workers: engine?.workers },
  });
  const isTyped = options.script === undefined && context.isTerminal.in;
  return isTyped ? await runner.runTyped() : await runner.runScript();
}

/** Opens what makes the calls on workers over NATS. */
async function openWorkers(
  hosts: readonly Host[],
  options: ConsoleOptions,
  context: Context,
  session: { inventory: SessionInventory; session: SessionInventory },
) {
  const { makeNatsEngine } = await import("../../input/nats_sending.ts");
  const { usageEngine } = await import("../../display/run_over_nats.ts");
  const engine = await makeNatsEngine(hosts, options, context, {
    ...session,
    say: context.err,
  });
  return {
    fleet: engine.fleet,
    workers: usageEngine(engine),
    [Symbol.asyncDispose]: () => engine.close(),
  };
}

interface SessionRunnerOptions {
  options: ConsoleOptions;
  context: Context;
  inventory: Inventory;
  hosts: readonly Host[];
  limit: HostLimit | undefined;
  fleet: HostFleet;
  workers: Pick<Engine, "run"> | undefined;
}

/** Runs one session, and shows the results of its calls. */
class SessionRunner {
  readonly #options: SessionRunnerOptions;
  readonly #gates: GateStatus;
  #display: Display | undefined;
  #kept = Promise.resolve();
  #isTyped = false;
  #handOver: HandOver | undefined;

  constructor(options: SessionRunnerOptions) {
    this.#options = options;
    this.#gates = new GateStatus(options.fleet);
  }

  /** Runs lines from a file or a pipe; resolves to the exit status. */
  async runScript(): Promise<number> {
    const { options, context } = this.#options;
    const { script } = options;
    const executor = this.#executor({ opensAhead: false });
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
          return executor.take(line, context.signal);
        },
        onStop: (place) => this.#reportStop(place),
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

  /** Runs lines that a user types; resolves to the exit status. */
  async runTyped(): Promise<number> {
    const { options, context, inventory } = this.#options;
    const [{ runTerminal }, { openHistory }, process] = await Promise.all([
      import("../../../console/terminal/console_terminal.ts"),
      import("../../../store/history.ts"),
      import("node:process"),
    ]);
    this.#isTyped = true;
    const executor = this.#executor({ opensAhead: true });
    await runTerminal(executor, this.#gates, {
      input: process.stdin,
      write: context.isTerminal.out ? context.out : context.err,
      width: () => context.columns,
      completion: createCompletionSource(inventory, options),
      history: await openHistory().catch((error) => {
        context.err(errorText(error));
        return { lines: [], add: () => Promise.resolve() };
      }),
      sayPending: () => this.#display?.sayPending(),
      describe: (error) => errorText(error, context.columns),
      plain: isPlain(options, context),
      color: wantsColor(options, context),
      catchInterrupt: context.catchInterrupt,
      warnAtStop: context.warnAtStop,
      hasConnections: () => this.#options.fleet.hasConnections,
      linkLoss: options.onLinkLoss ?? "kill",
      signal: context.signal,
      lend: context.lendTerminal,
      offer: (handOver) => this.#handOver = handOver,
    });
    await this.#kept;
    return context.signal.aborted ? EXIT.interrupted : EXIT.ok;
  }

  /** Shows a line that was not typed: in a terminal, or with -v. */
  #echo(line: string): void {
    const { options, context } = this.#options;
    if (!this.#isTyped && !options.verbose) return;
    const shown = mayKeep(line) ? line : `${line.trim().split(/\s/)[0]} …`;
    const write = this.#isTyped ? context.out : context.err;
    if (line.trim() !== "") write(`> ${escapeLine(shown)}\n`);
  }

  #reportStop(place: string): void {
    const hint = this.#isTyped ? "" : "; use --keep-going to continue";
    this.#options.context.err(
      warningText(`Stopped at ${place}, which failed${hint}`),
    );
  }

  #executor({ opensAhead }: { opensAhead: boolean }): Executor {
    const { options, context, inventory, hosts, limit, fleet, workers } =
      this.#options;
    const { check, diff, stream, timeoutMs, ...call } = callOf(options);
    return new Executor({
      inventory,
      fleet,
      workers,
      limit,
      gates: this.#gates,
      session: {
        pattern: options.pattern ?? options.limit ?? "all",
        hosts: hosts.map(({ name }) => name),
        settings: {
          check: check ?? false,
          diff: diff ?? false,
          stream: stream ?? false,
          ...(timeoutMs && { timeoutMs }),
          ...becomeSettings(fleet),
          format: options.format ?? "text",
          ...(options.columns && { columns: options.columns }),
          fanout: fleet.fanout,
          ...(options.confirm !== undefined && { confirm: options.confirm }),
        },
      },
      call: { ...call, forceArgs: options.forceArgs ?? false },
      render: options.render,
      rollout: { serial: options.serial, maxFail: options.maxFail },
      keepInvocation: (options.verbose ?? 0) >= 3,
      opensAhead,
      ...(this.#isTyped && { becomeAsking: askToBecome(context) }),
      readText: (path) => readText(path, context),
      dataReading: dataReadingOf(options, context),
      readReferences: (names) => readReferences(names, context),
      writeNew: writeNewText,
      echo: (line) => this.#echo(line),
      onStop: (place) => this.#reportStop(place),
      say: context.out,
      page: async (text) => {
        const plain = !this.#isTyped || isPlain(options, context);
        await showPages({ text, isPlain: plain }, context, this.#handOver);
      },
      mayRunOn: (count, confirm, signal) =>
        mayRunOn(
          count,
          {
            ...(confirm !== undefined && { confirm }),
            yes: options.yes ?? false,
          },
          context,
          signal,
        ),
      document: async (events) => {
        let text = "";
        const renderer = createRenderer("json", {
          write: (part) => text += part,
          version: VERSION,
        });
        for await (const event of events) renderer.event(event);
        renderer.close();
        return text;
      },
      feed: (command, text, signal) =>
        feedCommand(command, text, {
          context,
          signal,
          ...(context.isTerminal.out && { handOver: this.#handOver }),
        }),
      show: async (start, how) => {
        const { settings, whole, compares, listsJobs, isNew, background } = how;
        const { columns: _, diffHosts, ...rest } = isNew
          ? options
          : toShowAgain(options, { whole });
        const { columns } = settings;
        const format = compares ? "text" : settings.format;
        const verbose = (options.verbose ?? 0) + (whole ? 1 : 0);
        const display = await createDisplay({
          ...rest,
          format,
          verbose,
          listsJobs,
          ...(this.#isTyped && { remedy: ":last", fullRemedy: ":last > FILE" }),
          // The format may have changed since the options were checked.
          ...(columns && { columns: [...columns] }),
          ...((compares || diffHosts) && format === "text" &&
            { diffHosts: true }),
        }, context);
        const sinks = background
          ? [...display.sinks, createJobRecorder(background, options, context)]
          : display.sinks;
        this.#display = { ...display, sinks };
        try {
          return await follow(start, this.#display, how.signal);
        } finally {
          this.#keep(this.#display);
        }
      },
      documentation: (module) => this.#documentation(module),
    });
  }

  /** Writes the record and files of a run while the next line is read. */
  #keep(display: Display): void {
    const { context } = this.#options;
    this.#kept = this.#kept.then(() => finish(display))
      .catch((error) => context.err(errorText(error)));
  }

  async #documentation(module: string): Promise<string> {
    const { options, context } = this.#options;
    const { readDocumentation } = await import(
      "../../../gate/modules/module_documentation.ts"
    );
    const { documentationText } = await import(
      "../../../output/module_page.ts"
    );
    return documentationText(
      await readDocumentation(module, sourcesOf(options)),
      {
        color: wantsColor(options, context),
        width: context.columns,
        command: "",
      },
    );
  }
}

/** Results that are shown again are all shown, and kept nowhere a second time. */
function toShowAgain(
  options: ConsoleOptions,
  { whole }: { whole: boolean },
): ConsoleOptions {
  const {
    quiet: _quiet,
    output: _output,
    outputFormat: _format,
    report: _report,
    query,
    ...rest
  } = options;
  return { ...rest, record: false, ...(query && !whole && { query }) };
}

/** The become settings of the session, if any were given. */
function becomeSettings(
  { become: { enabled, user } }: HostFleet,
): Pick<Settings, "become"> {
  if (enabled === undefined) return {};
  return { become: { enabled, ...(user !== undefined && { user }) } };
}
