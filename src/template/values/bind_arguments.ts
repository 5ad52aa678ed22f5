// Binds the arguments of a call to the parameters of a filter, test, function or
// method, with Python's errors for what does not fit.
import { TemplateError } from "../template_error.ts";
import { Callable, type CallArguments, type Value } from "./template_value.ts";

/** Arguments by the names of their parameters; absent ones are undefined. */
export type Bound = Readonly<Record<string, Value | undefined>>;

/**
 * Parameters, separated by spaces. `name?` may be absent; `*` takes all other
 * positional arguments, and `**` all other named ones.
 */
export type Parameters = string;

/** The arguments of a call, bound. */
export interface BoundCall {
  readonly args: Bound;
  /** The arguments of `*`. */
  readonly rest: readonly Value[];
  /** The named arguments of `**`. */
  readonly named: ReadonlyMap<string, Value>;
}

interface Parameter {
  readonly name: string;
  readonly isOptional: boolean;
  /** Whether it stands after `*`, so that only its name can give it. */
  readonly isNamed: boolean;
}

interface Signature {
  readonly parameters: readonly Parameter[];
  readonly takesRest: boolean;
  readonly takesNamed: boolean;
}

const signatures = new Map<Parameters, Signature>();

function signatureOf(text: Parameters): Signature {
  let signature = signatures.get(text);
  if (signature === undefined) {
    const words = text.split(" ").filter((word) => word !== "");
    signature = {
      takesNamed: words.includes("**"),
      takesRest: words.includes("*"),
      parameters: words.map((word, at) => ({
        name: word.replace("?", ""),
        isOptional: word.endsWith("?"),
        isNamed: words.slice(0, at).includes("*"),
      })).filter(({ name }) => !name.startsWith("*")),
    };
    signatures.set(text, signature);
  }
  return signature;
}

/**
 * Binds arguments.
 *
 * @param what The function's name, for errors.
 * @throws {TemplateError} when an argument is missing, or there are too many.
 */
export function bindArguments(
  what: string,
  parameters: Parameters,
  { positional, named }: CallArguments,
): BoundCall {
  const { parameters: list, takesRest, takesNamed } = signatureOf(parameters);
  const args: Record<string, Value | undefined> = Object.create(null);
  const others = new Map(named);
  const places = list.filter(({ isNamed }) => !isNamed).length;
  for (const [at, { name, isOptional, isNamed }] of list.entries()) {
    const value = isNamed ? undefined : positional[at];
    if (value !== undefined) args[name] = value;
    else if (others.has(name)) {
      args[name] = others.get(name);
      others.delete(name);
    } else if (!isOptional) {
      throw new TemplateError(`${what} misses its argument '${name}'`);
    }
  }
  const rest = positional.slice(places);
  if (rest.length > 0 && !takesRest) {
    throw new TemplateError(
      `${what} takes at most ${places} arguments, not ${positional.length}`,
    );
  }
  if (others.size > 0 && !takesNamed) {
    const [name] = others.keys();
    throw new TemplateError(`${what} has no argument '${name}'`);
  }
  return { args, rest, named: others };
}

/** A function of templates with named parameters. */
export function callable(
  name: string,
  parameters: Parameters,
  call: (bound: BoundCall) => Value,
): Callable {
  return new Callable(
    name,
    (args) => call(bindArguments(name, parameters, args)),
  );
}
