// The interface of the two line editors: Editor, and PlainEditor, which never
// changes what is on the screen.
import type { ReadStream } from "node:tty";
import type { Completion } from "../lines/complete_line.ts";
import type { HandOver } from "./lent_terminal.ts";
import type { TerminalQuestion } from "./entry.ts";

/** What was read: a line; ^C, and whether the line was empty; or the end (^D). */
export type Reading =
  | { kind: "line"; text: string }
  | { kind: "interrupt"; wasEmpty: boolean }
  | { kind: "end" };

/** What an editor needs. */
export interface EditorOptions {
  readonly input: ReadStream;
  /** Writes to the terminal immediately. */
  readonly write: (text: string) => void;
  /** The terminal's width; read before each drawing. */
  readonly width: () => number;
  /** Lines of earlier sessions, newest first. */
  readonly history: readonly string[];
  readonly complete: (line: string) => Promise<Completion>;
  /**
   * Called for ^C between two lines, and for Enter on an empty line while it is
   * busy.
   */
  readonly onKey: (key: "interrupt" | "enter") => void;
  /** What to say before ^Z stops the process; may be empty. */
  readonly stopWarning: () => string;
}

/** Reads lines from a terminal. */
export interface LineEditor {
  /** A call is running: ^C ends it, and Enter shows its progress. */
  isBusy: boolean;
  /** Reads a line; one at a time. */
  read(prompt: string): Promise<Reading>;
  /** Changes the prompt of the line that is being read. */
  changePrompt(prompt: string): void;
  /** Prints complete lines above the current line, or before the next one. */
  print(text: string): void;
  /**
   * Asks a question; one at a time.
   *
   * @param write writes to the terminal while the question is open.
   * @throws {DOMException} when the question is withdrawn by its signal or ^C.
   */
  ask(
    question: TerminalQuestion,
    write: (text: string) => void,
  ): Promise<string>;
  /**
   * Hands the terminal to a program, as it was before the editor. ^C is for the
   * program; when it ends by that, it counts as ^C here.
   */
  readonly handOver: HandOver;
  /** Drops what was typed ahead; returns how many lines it had. */
  dropAhead(): number;
  /** Adds a line to the history. */
  remember(line: string): void;
  /** Handles ^C that arrived as a signal. */
  interrupt(): void;
  /** Handles a change of the terminal's size. */
  resized(): void;
  /** Releases the terminal, and ends the line that is being read. */
  close(): void;
}
