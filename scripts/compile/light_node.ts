// What commander uses of Node, for the bundle. Node's own modules take longer to
// load than all else that `ftl --help` does; of them commander needs an emitter
// of events and a few facts about the process. The end-to-end tests hold that
// help reads the same with both.
// deno-lint-ignore-file no-control-regex

type Listener = (...args: unknown[]) => void;

/** As `node:events` has it, as far as commander goes. */
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

/** As `node:util` has it, for the colours that help may be given. */
export function stripVTControlCharacters(text: string): string {
  return text.replace(/\x1b\[[\d;]*m/g, "");
}

/** As `node:process` has it. Commander is given the words, and exits nothing. */
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

// Only for subcommands that are programs of their own; ftl has none.
export const child_process = {};
export const fs = {};
export const path = {};
export const events = EventEmitter;
export const util = {};
