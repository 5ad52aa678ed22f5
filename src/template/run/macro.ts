// Macros: functions that templates define.
import { firstOf, orElse } from "../values/first_of.ts";
import { TemplateError } from "../template_error.ts";
import type { Expression, MacroNode } from "../syntax/nodes.ts";
import {
  Callable,
  type CallArguments,
  Dict,
  Tuple,
  Undefined,
  type Value,
} from "../values/template_value.ts";
import { Frame } from "./name_frame.ts";

/** What a macro needs of the rendering that defines it. */
export interface MacroOptions {
  /** The names around its definition. */
  readonly frame: Frame;
  value(node: Expression, frame: Frame): Value;
  /** Renders the body. */
  render(frame: Frame): string;
  /** Runs a call in the template of the macro. */
  enter(work: () => Value): Value;
}

/** Makes a macro. */
export function makeMacro(node: MacroNode, options: MacroOptions): Callable {
  return new Callable(
    node.name,
    (args) =>
      options.enter(() => options.render(bindMacro(node, args, options))),
    new Map<string, Value>([
      ["name", node.name],
      ["arguments", Tuple.make(node.parameters.map(({ name }) => name))],
      ["catch_varargs", node.usesVarargs],
      ["catch_kwargs", node.usesKwargs],
      ["caller", node.usesCaller],
    ]),
  );
}

/** The names of the body, from the arguments of a call. */
function bindMacro(
  node: MacroNode,
  { positional, named }: CallArguments,
  { frame, value }: MacroOptions,
): Frame {
  const inner = new Frame(frame);
  const others = new Map(named);
  const { name: macro, parameters } = node;
  for (const [at, { name, otherwise }] of parameters.entries()) {
    const given = firstOf(positional[at], others.get(name));
    if (at >= positional.length) others.delete(name);
    inner.set(
      name,
      orElse(
        given,
        () =>
          otherwise === undefined
            ? new Undefined(`parameter '${name}' was not provided`)
            : value(otherwise, inner),
      ),
    );
  }
  if (node.usesCaller && !parameters.some(({ name }) => name === "caller")) {
    inner.set(
      "caller",
      others.get("caller") ?? new Undefined("No caller defined"),
    );
    others.delete("caller");
  }
  if (node.usesVarargs) {
    inner.set("varargs", Tuple.make(positional.slice(parameters.length)));
  } else if (positional.length > parameters.length) {
    throw new TemplateError(
      `macro '${macro}' takes not more than ${parameters.length} argument(s)`,
    );
  }
  if (node.usesKwargs) inner.set("kwargs", Dict.of(others));
  else if (others.size > 0) {
    const [name] = others.keys();
    throw new TemplateError(
      `macro '${macro}' takes no keyword argument '${name}'`,
    );
  }
  return inner;
}
