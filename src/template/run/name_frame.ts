// The names that templates set: each loop, macro and block has a frame of its own.
import type { Value } from "../values/template_value.ts";

/** Names and their values, and those of the frame around it. */
export class Frame {
  readonly #names = new Map<string, Value>();
  /** TemplateVariables from outside of the template: each scope reads them once. */
  readonly #read = new Map<string, Value>();

  constructor(readonly parent?: Frame) {}

  /** The outermost frame. */
  get root(): Frame {
    return this.parent === undefined ? this : this.parent.root;
  }

  get(name: string): Value | undefined {
    const value = this.#names.get(name);
    return value === undefined ? this.parent?.get(name) : value;
  }

  /** A variable from outside of the template. */
  global(name: string, read: (name: string) => Value): Value {
    const known = this.#knownGlobal(name);
    if (known !== undefined) return known;
    const value = read(name);
    this.#read.set(name, value);
    return value;
  }

  #knownGlobal(name: string): Value | undefined {
    const value = this.#read.get(name);
    if (value !== undefined || this.parent === undefined) return value;
    return this.parent.#knownGlobal(name);
  }

  set(name: string, value: Value): void {
    this.#names.set(name, value);
  }

  /** Its own names. */
  own(): ReadonlyMap<string, Value> {
    return this.#names;
  }
}
