// The parts of Node that commander uses, for the bundle. Node's own modules take
// longer to load than everything else that `ftl --help` does; commander needs only
// an event emitter and a few facts about the process. End-to-end tests check that
// help is the same with both.
// deno-lint-ignore-file no-control-regex

type Listener = (...args: unknown[]) => void;

/** The part of `node:events` that commander uses. */
export class EventEmitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...this.listeners(event), listener]);
    return this;
  }

  emit(event: string, ...args: unknown[]): boolean {
    const listeners = this.listeners(event);
    for (const listener of listeners) listener.apply(this, args);
    return listeners.length > 0;
  }

  listeners(event: string): readonly Listener[] {
    return this.#listeners.get(event) ?? [];
  }

  listenerCount(event: string): number {
    return this.listeners(event).length;
  }
}

/** As in `node:util`, for the colors of help. */
export function stripVTControlCharacters(text: string): string {
  return text.replace(/\x1b\[[\d;]*m/g, "");
}

/** As in `node:process`. Commander receives its arguments, and never exits. */
export const process = {
  argv: [] as string[],
  execArgv: [] as string[],
  exitCode: 0,
  platform: Deno.build.os,
  get env(): Record<string, string> {
    return Deno.env.toObject();
  },
  stdout: output(Deno.stdout),
  stderr: output(Deno.stderr),
};

function output(file: { isTerminal(): boolean }) {
  return {
    get isTTY(): boolean {
      return file.isTerminal();
    },
    get columns(): number {
      return Deno.consoleSize().columns;
    },
  };
}

// Only for subcommands that are separate programs; ftl has none.
export const child_process = {};
export const fs = {};
export const path = {};
export const events = EventEmitter;
export const util = {};
