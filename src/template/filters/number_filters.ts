// Filters of numbers: powers, logarithms, sizes in bytes.
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { isTrue } from "../values/compare.ts";
import { fixedText } from "../values/decimal_text.ts";
import { toFloat } from "../values/numbers.ts";
import { toText } from "../values/printed_text.ts";
import type { Value } from "../values/template_value.ts";

/** The sizes of module_utils/common/text/formatters.py. */
const SIZES: readonly (readonly [string, number])[] = [
  ["Y", 2 ** 80],
  ["Z", 2 ** 70],
  ["E", 2 ** 60],
  ["P", 2 ** 50],
  ["T", 2 ** 40],
  ["G", 2 ** 30],
  ["M", 2 ** 20],
  ["K", 2 ** 10],
  ["B", 1],
];

function toHuman(
  value: Value,
  isBits: boolean,
  unit: string | undefined,
): string {
  const size = toFloat(value);
  const base = isBits ? "bits" : "Bytes";
  let suffix = "";
  let limit = 1;
  for (const [name, bytes] of SIZES) {
    [suffix, limit] = [name, bytes];
    const isAsked = unit !== undefined && unit.toUpperCase() === name;
    if ((unit === undefined && size >= bytes) || isAsked) break;
  }
  const text = limit === 1 ? base : suffix + (isBits ? base[0] : "B");
  return `${fixedText(size / limit, 2)} ${text}`;
}

function toBytes(
  value: Value,
  unit: string | undefined,
  isBits: boolean,
): bigint {
  const text = toText(value).trim();
  const match = /^([\d.]*\d+)\s*([A-Za-z]+)?$/.exec(text);
  if (match === null) {
    throw new TemplateError(
      `human_to_bytes() can't interpret following string: ${text}`,
    );
  }
  const number = Number(match[1]);
  const name = match[2] ?? unit;
  if (name === undefined) return BigInt(Math.round(number));
  const letter = name[0]!.toUpperCase();
  const size = SIZES.find(([each]) => each === letter);
  const rest = name.slice(1);
  const expected = isBits ? ["b", "bit", "bits"] : ["B", "byte", "bytes"];
  const isWhole = letter === "B" && expected
    .some((each) => each.toLowerCase() === name.toLowerCase());
  const fits = rest === "" || isWhole || rest === expected[0] ||
    expected.slice(1).includes(rest.toLowerCase());
  if (size === undefined || !fits) {
    throw new TemplateError(
      `human_to_bytes() failed to convert ${text}: the unit '${name}' is unknown`,
    );
  }
  return BigInt(Math.round(number * size[1]));
}

/** The filters of this file. */
export const NUMBER_FILTERS: Readonly<Record<string, Filter>> = {
  log: ["base?", (value, { args }) => {
    const number = toFloat(value);
    if (number <= 0) throw new TemplateError("math domain error");
    const base = args.base === undefined ? Math.E : toFloat(args.base);
    if (base === 10) return Math.log10(number);
    return base === Math.E
      ? Math.log(number)
      : Math.log(number) / Math.log(base);
  }],
  pow: ["y", (value, { args }) => toFloat(value) ** toFloat(args.y!)],
  root: ["base?", (value, { args }) => {
    const base = toFloat(args.base ?? 2n);
    const number = toFloat(value);
    if (number < 0) throw new TemplateError("math domain error");
    return base === 2 ? Math.sqrt(number) : number ** (1 / base);
  }],
  human_readable: ["isbits? unit?", (value, { args }) => {
    const { isbits = false, unit } = args;
    const name = unit === undefined || unit === null ? undefined : toText(unit);
    return toHuman(value, isTrue(isbits), name);
  }],
  human_to_bytes: ["default_unit? isbits?", (value, { args }) => {
    const { default_unit: unit, isbits = false } = args;
    const name = unit === undefined || unit === null ? undefined : toText(unit);
    return toBytes(value, name, isTrue(isbits));
  }],
  filesizeformat: ["binary?", (value, { args }) => {
    const isBinary = isTrue(args.binary ?? false);
    const base = isBinary ? 1024 : 1000;
    const bytes = toFloat(value);
    if (bytes === 1) return "1 Byte";
    if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
    const names = isBinary
      ? ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"]
      : ["kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    const at = names.findIndex((_, at) => bytes < base ** (at + 2));
    const power = at < 0 ? names.length - 1 : at;
    return `${fixedText(bytes / base ** (power + 1), 1)} ${names[power]}`;
  }],
};
