// Evaluates expressions.
import { orElse } from "../values/first_of.ts";
import { TemplateError } from "../template_error.ts";
import type { ArgumentNodes, Comparison, Expression } from "../syntax/nodes.ts";
import { applyBinary, applySign } from "../values/arithmetic.ts";
import { checkListLength, checkTextLength } from "../values/bounds.ts";
import {
  compareValues,
  contains,
  isEqual,
  isTrue,
  itemsOf,
} from "../values/compare.ts";
import { pairsOf } from "../values/dict_methods.ts";
import { attributeOf, itemOf, sliceOf } from "../values/members.ts";
import { toText } from "../values/printed_text.ts";
import { checkWhole } from "../values/value_size.ts";
import {
  Callable,
  type CallArguments,
  Dict,
  Tuple,
  typeNameOf,
  Undefined,
  type Value,
} from "../values/template_value.ts";
import type { Frame } from "./name_frame.ts";
import { Loop } from "./objects.ts";
import type { Services } from "./services.ts";

/** What evaluating needs of the rendering. */
export interface Evaluation extends Services {
  /** The offset of what is evaluated, for errors. */
  offset: number;
  /** A name that no frame has. */
  global(name: string): Value;
}

/** The value of an expression. */
export function evaluate(
  node: Expression,
  frame: Frame,
  context: Evaluation,
): Value {
  context.bounds.step();
  const value = (each: Expression) => evaluate(each, frame, context);
  const at = <T>(made: T): T => {
    context.offset = node.offset;
    return made;
  };
  switch (node.kind) {
    case "constant":
      return node.value;
    case "name":
      context.offset = node.offset;
      return orElse(
        frame.get(node.name),
        () => frame.global(node.name, (name) => context.global(name)),
      );
    case "list":
      return node.items.map(value);
    case "tuple":
      return Tuple.make(node.items.map(value));
    case "dict":
      return Dict.of(
        node.members.map(([key, member]) => [value(key), value(member)]),
      );
    case "attribute":
      return attributeOf(at(value(node.of)), node.name);
    case "item": {
      const of = value(node.of);
      return itemOf(of, at(value(node.key)));
    }
    case "slice": {
      const part = (each: Expression | undefined) => each && value(each);
      const bounds = {
        start: part(node.start),
        stop: part(node.stop),
        step: part(node.step),
      };
      return sliceOf(at(value(node.of)), bounds);
    }
    case "call": {
      const of = value(node.of);
      const args = at(evaluateArguments(node.args, frame, context));
      return context.bounds.made(callValue(of, args));
    }
    case "filter": {
      const of = value(node.of);
      const args = at(evaluateArguments(node.args, frame, context));
      return context.filter(node.name, of, args);
    }
    case "test": {
      const of = value(node.of);
      const args = at(evaluateArguments(node.args, frame, context));
      return context.test(node.name, of, args);
    }
    case "not":
      return !isTrue(at(value(node.of)));
    case "sign":
      return applySign(node.sign, at(value(node.of)));
    case "binary": {
      const left = value(node.left);
      return context.bounds.made(
        applyBinary(node.operator, left, at(value(node.right))),
      );
    }
    case "concat": {
      const texts = node.items.map((item) => toText(at(value(item))));
      checkTextLength(texts.reduce((sum, { length }) => sum + length, 0));
      return context.bounds.made(texts.join(""));
    }
    case "and": {
      const left = value(node.left);
      return isTrue(left) ? value(node.right) : left;
    }
    case "or": {
      const left = value(node.left);
      return isTrue(left) ? left : value(node.right);
    }
    case "compare": {
      let left = value(node.first);
      for (const [comparison, operand] of node.rest) {
        const right = at(value(operand));
        checkWhole(left);
        if (!compares(comparison, left, right)) return false;
        left = right;
      }
      return true;
    }
    case "condition":
      if (isTrue(at(value(node.test)))) return value(node.then);
      return node.otherwise === undefined
        ? new Undefined("the inline if has no else section", true)
        : value(node.otherwise);
  }
}

function compares(comparison: Comparison, left: Value, right: Value): boolean {
  switch (comparison) {
    case "==":
      return isEqual(left, right);
    case "!=":
      return !isEqual(left, right);
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    case "<":
      return compareValues(left, right, "<") < 0;
    case "<=":
      return compareValues(left, right, "<=") <= 0;
    case ">":
      return compareValues(left, right, ">") > 0;
    case ">=":
      return compareValues(left, right, ">=") >= 0;
  }
}

/** Evaluates arguments. */
export function evaluateArguments(
  nodes: ArgumentNodes,
  frame: Frame,
  context: Evaluation,
): CallArguments {
  const value = (each: Expression) => evaluate(each, frame, context);
  const positional = nodes.positional.map(value);
  if (nodes.list !== undefined) {
    const more = itemsOf(value(nodes.list));
    checkListLength(more.length);
    for (const each of more) positional.push(each);
  }
  const named = new Map(
    nodes.named.map(([name, each]) => [name, value(each)] as const),
  );
  if (nodes.dict !== undefined) {
    for (const [name, each] of pairsOf(value(nodes.dict))) {
      named.set(toText(name), each);
    }
  }
  return { positional, named };
}

/**
 * Calls a value.
 *
 * @throws {TemplateError} when it cannot be called.
 */
export function callValue(value: Value, args: CallArguments): Value {
  if (value instanceof Loop) return value.asCallable().call(args);
  if (value instanceof Callable) return value.call(args);
  if (value instanceof Undefined) value.fail();
  throw new TemplateError(`'${typeNameOf(value)}' object is not callable`);
}
