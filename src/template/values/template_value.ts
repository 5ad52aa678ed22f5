// The values of templates: Python's types. Whole numbers are bigints and fractions
// are numbers, so that 1 and 1.0 differ as they do in Python.
import { TemplateError, UndefinedError } from "../template_error.ts";

/** A value of a template. */
export type Value =
  | null
  | boolean
  | bigint
  | number
  | string
  | Value[]
  | Dict
  | Undefined
  | Callable
  | TemplateObject;

/** Python's tuple: a list that is printed in parentheses. */
export class Tuple extends Array<Value> {
  static override get [Symbol.species]() {
    return Array;
  }

  static make(items: Iterable<Value>): Tuple {
    const tuple = new Tuple();
    for (const item of items) tuple.push(item);
    return tuple;
  }
}

/** A tuple of two whose parts have names too. */
export class Pair extends Tuple {
  /** @param names The positions by name. */
  constructor(
    readonly names: Readonly<Record<string, number>>,
    first: Value,
    second: Value,
  ) {
    super();
    this.push(first, second);
  }
}

/** A name that has no value; using it is an error, as in Ansible. */
export class Undefined {
  /**
   * @param reason The error of its use.
   * @param isEmpty It may be printed, as nothing: Jinja's `a if b` without `else`.
   */
  constructor(readonly reason: string, readonly isEmpty = false) {}

  fail(): never {
    throw new UndefinedError(this.reason);
  }
}

/** The arguments of a call in a template. */
export interface CallArguments {
  readonly positional: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** A function, macro or method. */
export class Callable {
  constructor(
    readonly name: string,
    readonly call: (args: CallArguments) => Value,
    /** Attributes that templates may read: those of a macro. */
    readonly attributes?: ReadonlyMap<string, Value>,
  ) {}
}

/** An object with behavior of its own: a loop, a namespace, a date, hostvars. */
export abstract class TemplateObject {
  /** Its type, as errors name it. */
  abstract readonly typeName: string;
  /** An attribute; undefined when there is none. */
  abstract attribute(name: string): Value | undefined;
  /** A member by its key; undefined when there is none. */
  item(_key: Value): Value | undefined {
    return undefined;
  }
  /** Its members, in order; undefined when it is not iterable. */
  items(): Value[] | undefined {
    return undefined;
  }
  /** The difference from another value; undefined when there is none. */
  minus(_other: Value): Value | undefined {
    return undefined;
  }
  /** As `{{ }}` prints it. */
  text(): string {
    return `<${this.typeName}>`;
  }
}

/** An object with keys whose values are read on demand. */
export abstract class LazyMapping extends TemplateObject {
  abstract keys(): string[];
  override items(): Value[] {
    return this.keys();
  }
  /** Its members, all of them read. */
  toDict(): Dict {
    const dict = new Dict();
    for (const key of this.keys()) dict.set(key, this.item(key) ?? null);
    return dict;
  }
}

/** Python's dict: keys of several types, in the order of insertion. */
export class Dict {
  readonly #entries = new Map<unknown, [Value, Value]>();

  static of(entries: Iterable<readonly [Value, Value]>): Dict {
    const dict = new Dict();
    for (const [key, value] of entries) dict.set(key, value);
    return dict;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: Value): Value | undefined {
    return this.#entries.get(hashOf(key))?.[1];
  }

  has(key: Value): boolean {
    return this.#entries.has(hashOf(key));
  }

  set(key: Value, value: Value): void {
    const hash = hashOf(key);
    const entry = this.#entries.get(hash);
    if (entry === undefined) this.#entries.set(hash, [key, value]);
    else entry[1] = value;
  }

  delete(key: Value): boolean {
    return this.#entries.delete(hashOf(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  keys(): Value[] {
    return Array.from(this.#entries.values(), ([key]) => key);
  }

  values(): Value[] {
    return Array.from(this.#entries.values(), ([, value]) => value);
  }

  entries(): [Value, Value][] {
    return Array.from(this.#entries.values(), ([key, value]) => [key, value]);
  }

  copy(): Dict {
    return Dict.of(this.#entries.values());
  }
}

/** What equal keys have in common: 1, 1.0 and True are one key in Python. */
export function hashOf(key: Value): unknown {
  if (typeof key === "boolean") return BigInt(key);
  if (typeof key === "number") {
    return Number.isInteger(key) ? BigInt(key) : key;
  }
  if (key instanceof Tuple) {
    return `\0(${
      key.map((item) => {
        const hash = hashOf(item);
        return `${typeof hash}:${String(hash)}`;
      }).join("\0")
    }`;
  }
  if (key instanceof Undefined) key.fail();
  if (Array.isArray(key) || key instanceof Dict) {
    throw new TemplateError(`unhashable type: '${typeNameOf(key)}'`);
  }
  return key;
}

/** The name of a value's type in Python. */
export function typeNameOf(value: Value): string {
  if (value === null) return "NoneType";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "bigint":
      return "int";
    case "number":
      return "float";
    case "string":
      return "str";
  }
  if (value instanceof Tuple) return "tuple";
  if (Array.isArray(value)) return "list";
  if (value instanceof Dict) return "dict";
  if (value instanceof Undefined) return "AnsibleUndefined";
  if (value instanceof Callable) return "function";
  return value.typeName;
}

/** An undefined member of a value, with Jinja's message. */
export function undefinedMember(value: Value, key: Value): Undefined {
  const owner = value === null ? "None" : `${typeNameOf(value)} object`;
  return new Undefined(
    typeof key === "string"
      ? `'${owner}' has no attribute '${key}'`
      : `${owner} has no element ${
        key instanceof Undefined ? "Undefined" : String(key)
      }`,
  );
}
