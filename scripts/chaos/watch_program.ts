// Runs the program under test and keeps what it prints.
import { fromFileUrl } from "@std/path";
import { V8_FLAGS } from "../compile/bundle.ts";
import type { Report } from "./journal.ts";
import { usageOf } from "./processes.ts";
import type { ProgramLine, ProgramOptions } from "./program.ts";

/** How long its last calls may take after the faults have ended. */
const RECOVERY_MS = 180_000;

/** What the program has said, and how it ended. */
export interface Observed {
  readonly reports: readonly Report[];
  readonly chains: readonly { host: string; ids: readonly string[] }[];
  /** Its resident memory over time, after garbage collections. */
  readonly memoryKb: readonly number[];
  /** What it found wrong itself. */
  readonly faults: readonly string[];
  /** How its last calls ended; undefined when it never got there. */
  readonly recovered: readonly string[] | undefined;
  /** Its open descriptors after its last calls. */
  readonly descriptors: number | undefined;
  readonly code: number;
  readonly stderr: string;
}

/** The program while it runs. */
export class WatchedProgram {
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #reports: Report[] = [];
  readonly #chains: { host: string; ids: readonly string[] }[] = [];
  readonly #memoryKb: number[] = [];
  readonly #faults: string[] = [];
  #recovered: readonly string[] | undefined;
  #descriptors: number | undefined;
  readonly #read: Promise<void>;
  readonly #stderr: Promise<string>;

  constructor(
    options: ProgramOptions,
    { home, onReport }: {
      home: string;
      /** Called with each report as it arrives. */
      onReport: (report: Report) => void;
    },
  ) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        `--v8-flags=--expose-gc,${V8_FLAGS.join(",")}`,
        fromFileUrl(new URL("program.ts", import.meta.url)),
        JSON.stringify(options),
      ],
      env: { FTL_HOME: home, NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = this.#child.pid;
    this.#read = this.#readLines(onReport);
    this.#stderr = new Response(this.#child.stderr).text();
  }

  /** Settles when it has ended. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Asks it for its last calls, and waits for its end. */
  async finish(): Promise<Observed> {
    const writer = this.#child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("calm\n")).catch(() => {});
    await writer.close().catch(() => {});
    const guard = setTimeout(() => {
      this.#faults.push("the program did not end");
      this.#child.kill("SIGKILL");
    }, RECOVERY_MS);
    await this.#read;
    const { code } = await this.#child.status;
    clearTimeout(guard);
    return {
      reports: this.#reports,
      chains: this.#chains,
      memoryKb: this.#memoryKb,
      faults: this.#faults,
      recovered: this.#recovered,
      descriptors: this.#descriptors,
      code,
      stderr: await this.#stderr,
    };
  }

  async #readLines(onReport: (report: Report) => void): Promise<void> {
    let rest = "";
    for await (
      const text of this.#child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const text of lines) {
        const line: ProgramLine = JSON.parse(text);
        if (line.type === "result") {
          this.#reports.push(line.report);
          onReport(line.report);
        } else if (line.type === "chain") this.#chains.push(line);
        else if (line.type === "memory") this.#memoryKb.push(line.residentKb);
        else if (line.type === "fault") this.#faults.push(line.what);
        else {
          this.#recovered = line.statuses;
          this.#descriptors = (await usageOf(this.pid))?.descriptors;
        }
      }
    }
  }
}
