// Python's `str.format()`: "{0} and {name!r:>8}".
import { firstOf } from "./first_of.ts";
import { TemplateError } from "../template_error.ts";
import { formatValue } from "./format_spec.ts";
import { asciiOf, reprOf, toText } from "./printed_text.ts";
import { Dict, TemplateObject, type Value } from "./template_value.ts";

/** What may stand after `!`. */
const CONVERSIONS = { s: toText, r: reprOf, a: asciiOf };

/**
 * What is between braces: where the value is, its conversion, and its format. Each
 * character fits one branch, so that no text takes long.
 */
const FIELD =
  /^((?:[^!:[]|\[[^\]]*\])*(?:\[[^\]!:]*)?)(?:!([rsa]))?(?::([^]*))?$/;

/** Formats a text. */
export function formatText(
  format: string,
  positional: readonly Value[],
  named: ReadonlyMap<string, Value>,
  depth = 2,
): string {
  if (depth < 0) throw new TemplateError("Max string recursion exceeded");
  let next = 0;
  let text = "";
  let at = 0;
  while (at < format.length) {
    const brace = format.slice(at).search(/[{}]/);
    if (brace < 0) return text + format.slice(at);
    text += format.slice(at, at + brace);
    at += brace;
    const mark = format[at]!;
    if (format[at + 1] === mark) {
      text += mark;
      at += 2;
      continue;
    }
    if (mark === "}") {
      throw new TemplateError("Single '}' encountered in format string");
    }
    const end = closingBrace(format, at);
    const field = format.slice(at + 1, end);
    at = end + 1;
    const parts = FIELD.exec(field);
    if (parts === null) {
      throw new TemplateError(`Invalid field '${field}' in format string`);
    }
    const [, path = "", conversion, spec = ""] = parts;
    let [, first = "", rest = ""] = /^([^.[]*)([^]*)$/.exec(path)!;
    if (first === "") first = String(next++);
    let value = /^\d+$/.test(first)
      ? positional[Number(first)]
      : named.get(first);
    if (value === undefined) {
      throw new TemplateError(
        /^\d+$/.test(first)
          ? `Replacement index ${first} out of range for positional args tuple`
          : `KeyError: '${first}'`,
      );
    }
    while (rest !== "") {
      const step = /^(?:\.([^.[]+)|\[([^\]]+)\])/.exec(rest);
      if (step === null) {
        throw new TemplateError(`Invalid field '${path}' in format string`);
      }
      const [whole, attribute, key] = step;
      value = memberOf(value, (attribute ?? key)!);
      rest = rest.slice(whole.length);
    }
    if (conversion !== undefined) {
      value = CONVERSIONS[conversion as keyof typeof CONVERSIONS](value);
    }
    const filled = spec.includes("{")
      ? formatText(spec, positional.slice(next), named, depth - 1)
      : spec;
    text += formatValue(value, filled);
  }
  return text;
}

function memberOf(value: Value, name: string): Value {
  const at = Number(name);
  let member: Value | undefined;
  if (value instanceof Dict) {
    member = firstOf(
      value.get(name),
      at >= 0 ? value.get(BigInt(at)) : undefined,
    );
  } else if (Array.isArray(value)) member = value[at];
  else if (value instanceof TemplateObject) {
    member = firstOf(value.attribute(name), value.item(name));
  }
  if (member === undefined) {
    throw new TemplateError(
      `a format string names the unknown member '${name}'`,
    );
  }
  return member;
}

function closingBrace(format: string, start: number): number {
  let depth = 0;
  for (let at = start; at < format.length; at++) {
    if (format[at] === "{") depth++;
    if (format[at] === "}" && --depth === 0) return at;
  }
  throw new TemplateError("expected '}' before end of string");
}
