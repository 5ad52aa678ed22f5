// What every way of showing a run has in common.
import type { RunEvent } from "../core/call/run_event.ts";

/** The formats of results; help and completion are made from this list. */
export const FORMATS = ["text", "json", "ndjson", "table"] as const;

/** The name of a format. */
export type Format = typeof FORMATS[number];

/** Turns the events of one or more runs into text. */
export interface Renderer {
  event(event: RunEvent): void;
  /**
   * Shows what is known so far, as far as that is useful before the end: for a
   * terminal where nothing has happened for a while.
   */
  flush?(): void;
  /** Writes what is still held back. Called once, also after an interrupt. */
  close(): void;
}

/** Where a renderer writes: whole pieces of text, in order. */
export type TextWriter = (text: string) => void;
