// What the console needs of who reads its lines from a terminal. There are two:
// the editor, and the plain one, which never changes what is on the screen.
import type { ReadStream } from "node:tty";
import type { Completion } from "../lines/complete_line.ts";
import type { TerminalQuestion } from "./entry.ts";

/** What was read: a line; ^C, and whether it dropped one; ^D on an empty line. */
export type Reading =
  | { kind: "line"; text: string }
  | { kind: "interrupt"; wasEmpty: boolean }
  | { kind: "end" };

/** What an editor works with. */
export interface EditorOptions {
  readonly input: ReadStream;
  /** Writes to the terminal at once. */
  readonly write: (text: string) => void;
  /** The terminal's width, asked for before each drawing. */
  readonly width: () => number;
  /** Lines of earlier sessions, the newest first. */
  readonly history: readonly string[];
  readonly complete: (line: string) => Promise<Completion>;
  /** Told of ^C, and of Enter with nothing before it, while it is busy. */
  readonly onKey: (key: "interrupt" | "enter") => void;
}

/** Who reads lines. */
export interface LineEditor {
  /** Something runs, which keys are for that end it or ask after it. */
  isBusy: boolean;
  /** Reads a line. One at a time. */
  read(prompt: string): Promise<Reading>;
  /** Another prompt for the line that is being read. */
  changePrompt(prompt: string): void;
  /** Prints whole lines, above the line that is being read or before the next. */
  print(text: string): void;
  /**
   * Puts a question. One at a time.
   *
   * @param write writes to the terminal, which is the question's meanwhile.
   * @throws {DOMException} when it is withdrawn, by its signal or ^C.
   */
  ask(
    question: TerminalQuestion,
    write: (text: string) => void,
  ): Promise<string>;
  /** Adds a line to the history. */
  remember(line: string): void;
  /** ^C came as a signal. */
  interrupt(): void;
  /** The terminal has another size. */
  resized(): void;
  /** Gives the terminal back; a line that is being read has ended. */
  close(): void;
}
