// What a module prints while it runs, without its result. The result is the last
// JSON object that begins a line, so an object is held back until another begins,
// or the call ends.
import type { CallEvent } from "../../protocol/message.ts";

/** A longer object is passed on, so that memory is bounded. */
const MAX_HELD = 8 * 1024 * 1024;

/** Passes on the events of one module call, except the text of its result. */
export class ModulePrinting {
  readonly #onEvent: (event: CallEvent) => void;
  /** The start of a line that may become an object. */
  #line = "";
  /** An object, or the start of one. */
  #held: string | undefined;
  /** Blank lines that may belong to an object after them. */
  #blank = "";
  #isLineStart = true;

  constructor(onEvent: (event: CallEvent) => void) {
    this.#onEvent = onEvent;
  }

  push(event: CallEvent): void {
    if (event.type !== "Output" || event.data.stream !== "stdout") {
      return this.#onEvent(event);
    }
    const lines = (this.#line + event.data.text).split("\n");
    this.#line = lines.pop()!;
    for (const line of lines) this.#take(`${line}\n`);
    if (this.#line === "") return;
    if (this.#held === undefined && !mayBegin(this.#line, this.#isLineStart)) {
      this.#emit(this.#line); // output without a newline is shown as it comes
      this.#isLineStart = false;
      this.#line = "";
    }
  }

  /** The call has ended: what is held is passed on, except a result. */
  end(): void {
    if (this.#line !== "") this.#take(this.#line);
    this.#line = "";
    if (this.#held !== undefined && !isObject(this.#held)) {
      this.#emit(this.#held);
    }
    this.#held = undefined;
  }

  #take(line: string): void {
    const begins = mayBegin(line, this.#isLineStart);
    this.#isLineStart = true;
    if (this.#held !== undefined && isObject(this.#held)) {
      if (!begins) return this.#emit(line);
      this.#emit(this.#held); // it was not the last one
      this.#held = line;
    } else if (this.#held !== undefined) {
      this.#held += line;
      if (this.#held.length > MAX_HELD) {
        this.#emit(this.#held);
        this.#held = undefined;
      }
    } else if (begins) {
      this.#held = line;
      this.#blank = ""; // Ansible begins its results with a newline
    } else if (line.trim() === "") this.#blank += line;
    else this.#emit(line);
  }

  #emit(line: string): void {
    const text = this.#blank + line;
    this.#blank = "";
    this.#onEvent({ type: "Output", data: { stream: "stdout", text } });
  }
}

/** Whether a line may begin an object; blank lines before it are its own. */
function mayBegin(line: string, isLineStart: boolean): boolean {
  return isLineStart && line.trimStart().startsWith("{");
}

function isObject(text: string): boolean {
  if (!text.trimEnd().endsWith("}")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
