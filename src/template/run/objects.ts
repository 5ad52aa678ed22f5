// The objects that templates get from the engine: loops, namespaces, modules.
import { orElse } from "../values/first_of.ts";
import { TemplateError } from "../template_error.ts";
import { callable } from "../values/bind_arguments.ts";
import { isEqual } from "../values/compare.ts";
import {
  type Callable,
  TemplateObject,
  Undefined,
  type Value,
} from "../values/template_value.ts";

/** `namespace()`: an object whose attributes `set` may change. */
export class Namespace extends TemplateObject {
  readonly typeName = "Namespace";
  readonly #values: Map<string, Value>;

  constructor(values: Iterable<readonly [string, Value]>) {
    super();
    this.#values = new Map(values);
  }

  attribute(name: string): Value | undefined {
    return this.#values.get(name);
  }

  override item(key: Value): Value | undefined {
    return typeof key === "string" ? this.#values.get(key) : undefined;
  }

  set(name: string, value: Value): void {
    this.#values.set(name, value);
  }
}

/** A template that was imported. */
export class TemplateModule extends TemplateObject {
  readonly typeName = "TemplateModule";
  readonly #names: ReadonlyMap<string, Value>;
  readonly #output: string;

  constructor(names: ReadonlyMap<string, Value>, output: string) {
    super();
    this.#names = names;
    this.#output = output;
  }

  attribute(name: string): Value | undefined {
    return name.startsWith("_") ? undefined : this.#names.get(name);
  }

  override text(): string {
    return this.#output;
  }
}

/** The variable `loop`. */
export class Loop extends TemplateObject {
  readonly typeName = "LoopContext";
  at = 0;
  #seen: readonly Value[] | undefined;

  constructor(
    readonly values: readonly Value[],
    readonly depth: number,
    /** Renders the loop again with other items, if it is recursive. */
    readonly recurse: ((items: Value) => Value) | undefined,
  ) {
    super();
  }

  attribute(name: string): Value | undefined {
    const { at, values, depth } = this;
    const size = values.length;
    switch (name) {
      case "index":
        return BigInt(at + 1);
      case "index0":
        return BigInt(at);
      case "revindex":
        return BigInt(size - at);
      case "revindex0":
        return BigInt(size - at - 1);
      case "first":
        return at === 0;
      case "last":
        return at === size - 1;
      case "length":
        return BigInt(size);
      case "depth":
        return BigInt(depth + 1);
      case "depth0":
        return BigInt(depth);
      case "previtem":
        return orElse(
          values[at - 1],
          () => new Undefined("there is no previous item"),
        );
      case "nextitem":
        return orElse(
          values[at + 1],
          () => new Undefined("there is no next item"),
        );
      case "cycle":
        return callable("loop.cycle", "*", ({ rest }) => {
          if (rest.length > 0) return rest[at % rest.length]!;
          throw new TemplateError("no items for cycling given");
        });
      case "changed":
        return callable("loop.changed", "*", ({ rest }) => {
          const seen = this.#seen;
          this.#seen = rest;
          return seen === undefined || seen.length !== rest.length ||
            !rest.every((value, each) => isEqual(value, seen[each]!));
        });
      default:
        return undefined;
    }
  }

  /** Calls the loop itself: `loop(item.children)`. */
  asCallable(): Callable {
    return callable("loop", "items", ({ args }) => {
      if (this.recurse === undefined) {
        throw new TemplateError(
          "the loop must have the 'recursive' marker to be called",
        );
      }
      return this.recurse(args.items!);
    });
  }
}

/** `cycler()` */
export class Cycler extends TemplateObject {
  readonly typeName = "Cycler";
  #at = 0;

  constructor(readonly values: readonly Value[]) {
    super();
  }

  attribute(name: string): Value | undefined {
    switch (name) {
      case "current":
        return this.values[this.#at]!;
      case "next":
        return callable("next", "", () => {
          const value = this.values[this.#at]!;
          this.#at = (this.#at + 1) % this.values.length;
          return value;
        });
      case "reset":
        return callable("reset", "", () => {
          this.#at = 0;
          return null;
        });
      default:
        return undefined;
    }
  }
}
