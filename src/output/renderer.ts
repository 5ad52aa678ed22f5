// The interface of all renderers.
import type { RunEvent } from "../core/call/run_event.ts";

/** The formats of results; help and completion use this list. */
export const FORMATS = ["text", "json", "ndjson", "table", "lines"] as const;

/** The name of a format. */
export type Format = typeof FORMATS[number];

/** Whether people read a format, or programs: people get progress with it. */
export const IS_FOR_PEOPLE: Readonly<Record<Format, boolean>> = {
  text: true,
  json: false,
  ndjson: false,
  table: true,
  lines: false,
};

/** Turns the events of one or more runs into text. */
export interface Renderer {
  event(event: RunEvent): void;
  /**
   * Shows results before the run has ended: for a terminal, when nothing has
   * happened for a while.
   */
  flush?(): void;
  /** Writes all remaining text. Called once, also after an interrupt. */
  close(): void;
}

/** Receives the text of a renderer, in order. */
export type TextWriter = (text: string) => void;
