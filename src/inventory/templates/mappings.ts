// The variables that are mappings read on demand: vars, hostvars, groups.
import { firstOf, orElse } from "../../template/values/first_of.ts";
import { callable } from "../../template/values/bind_arguments.ts";
import {
  type Callable,
  LazyMapping,
  Tuple,
  type Value,
} from "../../template/values/template_value.ts";

/** Something that has variables by name. */
interface Named {
  get(name: string): Value | undefined;
  names(): string[];
}

/** The variables of a host. */
export class VariableMapping extends LazyMapping {
  constructor(readonly typeName: string, private readonly variables: Named) {
    super();
  }

  keys(): string[] {
    return this.variables.names();
  }

  override item(key: Value): Value | undefined {
    return typeof key === "string" ? this.variables.get(key) : undefined;
  }

  attribute(name: string): Value | undefined {
    return mappingMethod(this, name);
  }
}

/** A value for each of some names. */
export class MappingOf extends LazyMapping {
  /** @param read The value of a name; undefined when there is none. */
  constructor(
    readonly typeName: string,
    private readonly listNames: () => string[],
    private readonly read: (name: string) => Value | undefined,
  ) {
    super();
  }

  keys(): string[] {
    return this.listNames();
  }

  override item(key: Value): Value | undefined {
    return typeof key === "string" ? this.read(key) : undefined;
  }

  attribute(name: string): Value | undefined {
    return mappingMethod(this, name);
  }
}

/** The methods of a mapping. */
function mappingMethod(
  mapping: LazyMapping,
  name: string,
): Callable | undefined {
  switch (name) {
    case "get":
      return callable(
        name,
        "key default?",
        ({ args }) =>
          orElse(firstOf(mapping.item(args.key!), args.default), () => null),
      );
    case "keys":
      return callable(name, "", () => mapping.keys());
    case "items":
      return callable(
        name,
        "",
        () => mapping.toDict().entries().map((entry) => Tuple.make(entry)),
      );
    case "values":
      return callable(name, "", () => mapping.toDict().values());
    default:
      return undefined;
  }
}
