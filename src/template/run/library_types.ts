// The filters, tests, functions and lookups that templates may use, by name.
import type { BoundCall, Parameters } from "../values/bind_arguments.ts";
import type { Value } from "../values/template_value.ts";
import { absentLookup, isAbsentLookup } from "./absent_lookups.ts";
import type { KnownNames } from "../syntax/known_names.ts";
import type { Services } from "./services.ts";

/** A filter: the parameters after the value, and what it makes of a value. */
export type Filter = readonly [
  parameters: Parameters,
  apply: (value: Value, call: BoundCall, services: Services) => Value,
];

/** A test: whether a value has a property. */
export type Test = readonly [
  parameters: Parameters,
  holds: (value: Value, call: BoundCall, services: Services) => boolean,
];

/** A function that needs the rendering, such as `lookup`. */
export type GlobalFunction = readonly [
  parameters: Parameters,
  call: (call: BoundCall, services: Services) => Value,
];

/** A lookup: what it finds for its terms. */
export type Lookup = (
  terms: readonly Value[],
  options: ReadonlyMap<string, Value>,
  services: Services,
) => Value[];

/** Everything that templates may use besides variables. */
export interface TemplateLibrary {
  readonly filters: ReadonlyMap<string, Filter>;
  readonly tests: ReadonlyMap<string, Test>;
  readonly functions: ReadonlyMap<string, GlobalFunction>;
  readonly lookups: ReadonlyMap<string, Lookup>;
}

/** The collections whose names may stand before those of the library. */
const COLLECTION =
  /^(?:ansible\.(?:builtin|legacy|utils|netcommon|posix)|community\.(?:general|crypto))\.(\w+)$/;

/** A name without its collection. */
export function shortName(name: string): string {
  return COLLECTION.exec(name)?.[1] ?? name;
}

/** Finds the name that a mistyped one means. */
export type Suggest = (
  typed: string,
  names: Iterable<string>,
) => string | undefined;

/** Checks names while a template is parsed. */
export function knownNames(
  library: TemplateLibrary,
  suggest: Suggest,
): KnownNames {
  const check =
    (what: string, names: ReadonlyMap<string, unknown>) => (name: string) => {
      const short = shortName(name);
      if (names.has(short)) return undefined;
      const near = suggest(short, names.keys());
      return `unknown ${what} '${name}'` +
        (near === undefined ? "" : `, did you mean '${near}'?`);
    };
  return {
    filter: check("filter", library.filters),
    test: check("test", library.tests),
    lookup(name) {
      if (library.lookups.has(shortName(name))) return undefined;
      const near = isAbsentLookup(name)
        ? undefined
        : suggest(shortName(name), library.lookups.keys());
      return near === undefined
        ? absentLookup(name)
        : `unknown lookup '${name}', did you mean '${near}'?`;
    },
  };
}
