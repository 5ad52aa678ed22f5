// What is fuzzed: code of ours that reads bytes from elsewhere. A target throws what
// ftl throws on purpose, or nothing; anything else is a fault.
import type fc from "fast-check";
import { FtlError } from "../../src/errors.ts";

/** Code that is fuzzed. */
export interface Target {
  /** In snake_case: the folder of its inputs has this name, too. */
  readonly name: string;
  /** Inputs that its grammar makes. Others are made by changing these. */
  readonly grammar: fc.Arbitrary<string | Uint8Array>;
  /**
   * Reads one input.
   *
   * @throws an error of ours, or a Disagreement.
   */
  read?(input: Uint8Array): void | Promise<void>;
  /**
   * Compares what ftl and another program make of inputs; in place of `read`, where
   * starting the other program is slow. Gives each a disagreement, or undefined.
   */
  compare?(
    inputs: readonly Uint8Array[],
  ): Promise<readonly (string | undefined)[]>;
  /** Ends the other program, and removes what `read` made. */
  end?(): Promise<void>;
  /** Why it cannot run here; undefined when it can. */
  readonly missing?: string | undefined;
  /**
   * How many inputs it gets for each one of other targets: less than 1 where the other
   * program is slow. Default: 1.
   */
  readonly share?: number;
  /** Whether inputs are also changed at random. Default: true. */
  readonly mutates?: boolean;
}

/** Two readers read different things. */
export class Disagreement extends Error {
  override name = "Disagreement";
}

/** What V8 and Deno say when code is wrong, not its input. */
const BUG =
  /Maximum call stack|Invalid (?:array|string|typed array) length|Invalid regular expression|Array buffer allocation|out of memory|is not (?:a function|a constructor|iterable)|Cannot (?:read|set) propert|Cannot (?:destructure|convert|mix|access|perform)|Unexpected (?:token|end of JSON|non-whitespace)|in JSON at|BigInt|Reduce of empty|Generator is already|code point|offset is out|out of bounds|Invalid Date|Invalid time value/;

/** A message may quote what it is about, but not without end. */
const LONGEST_MESSAGE = 100_000;

/** What is wrong about an error; undefined when it is one of ours. */
export function faultOf(error: unknown): string | undefined {
  if (error instanceof Disagreement) return error.message;
  if (!(error instanceof Error)) return `it threw ${typeof error}`;
  const isOurs = error instanceof FtlError || error instanceof SyntaxError ||
    error instanceof RangeError || error instanceof TypeError;
  const said = `${error.name}: ${error.message.slice(0, 300)}`;
  if (!isOurs || BUG.test(error.message)) {
    return `${said}\n${error.stack?.split("\n").slice(1, 6).join("\n")}`;
  }
  return error.message.length > LONGEST_MESSAGE
    ? `its message has ${error.message.length} characters`
    : undefined;
}

/** An input as text. */
export function textOf(input: Uint8Array): string {
  return new TextDecoder().decode(input);
}
