// Reads the members of a message that came over NATS: anybody who may publish there, or
// a sender of another build, may have made it. Each member must have its type; an error
// names the first that does not, with its path.
import { FtlError } from "../../../errors.ts";
import { isCount, isObject } from "../../../protocol/body.ts";
import type { Json, JsonObject } from "../../../protocol/message.ts";
import { parseUntrustedJson } from "../../../protocol/untrusted_json.ts";

/** The members of an object of JSON. */
export class MessageMembers {
  readonly #members: JsonObject;
  /** What stands before the name of a member. */
  readonly #path: string;

  /** @throws {FtlError} when the value is not an object. */
  constructor(value: Json | undefined, path = "") {
    if (value === undefined || !isObject(value)) {
      throw unreadable(
        path === "" ? "it is not an object" : `${path} is not an object`,
      );
    }
    this.#members = value;
    this.#path = path === "" ? "" : `${path}.`;
  }

  /**
   * Parses the bytes of a message.
   *
   * @throws {FtlError} when they are not an object of JSON, of bounded depth.
   */
  static parse(bytes: Uint8Array): MessageMembers {
    let value: Json;
    try {
      value = parseUntrustedJson(new TextDecoder().decode(bytes));
    } catch (cause) {
      throw unreadable("it is not JSON of bounded depth", cause);
    }
    return new MessageMembers(value);
  }

  /** Whether there is such a member. */
  has(name: string): boolean {
    return Object.hasOwn(this.#members, name);
  }

  isNull(name: string): boolean {
    return this.#value(name) === null;
  }

  text(name: string): string {
    const value = this.#value(name);
    if (typeof value === "string") return value;
    throw this.#wrong(name, "a text");
  }

  /** A text that fits; `expected`: what it must be. */
  fitting(
    name: string,
    expected: string,
    fits: (text: string) => boolean,
  ): string {
    const value = this.text(name);
    if (fits(value)) return value;
    throw this.#wrong(name, expected);
  }

  /** One of some texts. */
  choice<const T extends string>(name: string, choices: readonly T[]): T {
    const value = this.text(name);
    if (choices.some((each) => each === value)) return value as T;
    throw this.#wrong(name, `one of ${choices.join(", ")}`);
  }

  flag(name: string): boolean {
    const value = this.#value(name);
    if (typeof value === "boolean") return value;
    throw this.#wrong(name, "true or false");
  }

  /** A whole number from 0 on. */
  count(name: string): number {
    const value = this.#value(name);
    if (isCount(value)) return value;
    throw this.#wrong(name, "a whole number from 0 on");
  }

  /** A number from 0 on. */
  amount(name: string): number {
    const value = this.#value(name);
    if (typeof value === "number" && value >= 0) return value;
    throw this.#wrong(name, "a number from 0 on");
  }

  texts(name: string): string[] {
    return this.list(name, (value) => {
      if (typeof value === "string") return value;
      throw this.#wrong(name, "a list of texts");
    });
  }

  counts(name: string): number[] {
    return this.list(name, (value) => {
      if (isCount(value)) return value;
      throw this.#wrong(name, "a list of whole numbers from 0 on");
    });
  }

  /** An object whose members are not looked at. */
  json(name: string): JsonObject {
    const value = this.#value(name);
    if (value !== undefined && isObject(value)) return value;
    throw this.#wrong(name, "an object");
  }

  /** An object whose members are all texts. */
  textRecord(name: string): Record<string, string> {
    return this.#record(name, ["string"]) as Record<string, string>;
  }

  /** An object whose members are all texts, numbers or booleans. */
  plainRecord(name: string): Record<string, string | number | boolean> {
    return this.#record(name, ["string", "number", "boolean"]) as Record<
      string,
      string | number | boolean
    >;
  }

  /** The members of an object. */
  members(name: string): MessageMembers {
    return new MessageMembers(this.#value(name), `${this.#path}${name}`);
  }

  list<T>(name: string, read: (value: Json, path: string) => T): T[] {
    const value = this.#value(name);
    if (!Array.isArray(value)) throw this.#wrong(name, "a list");
    return value.map((each, i) => read(each, `${this.#path}${name}[${i}]`));
  }

  /** A member that may be missing, as an object to spread. */
  optional<N extends string, T>(
    name: N,
    read: (name: N) => T,
  ): { readonly [K in N]?: T } {
    return this.has(name) ? { [name]: read(name) } as { [K in N]?: T } : {};
  }

  #record(name: string, types: readonly string[]): JsonObject {
    const record = this.json(name);
    for (const [key, value] of Object.entries(record)) {
      if (types.includes(typeof value)) continue;
      throw this.#wrong(`${name}.${key.slice(0, 100)}`, types.join(" or "));
    }
    return record;
  }

  #value(name: string): Json | undefined {
    return this.has(name) ? this.#members[name] : undefined;
  }

  #wrong(name: string, expected: string): FtlError {
    return unreadable(`${this.#path}${name} must be ${expected}`);
  }
}

function unreadable(why: string, cause?: unknown): FtlError {
  return new FtlError(`Cannot read a message of NATS: ${why}`, {
    hint: "Use the same version of ftl for the run and its workers",
    cause,
  });
}
