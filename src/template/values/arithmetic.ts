// The operators of templates, by Python's rules: whole numbers of any size, `/`
// makes a fraction, `//` and `%` round down.
import { TemplateError } from "../template_error.ts";
import { checkListLength, checkTextLength } from "./bounds.ts";
import { isNumeric, numeric } from "./compare.ts";
import { formatPercent } from "./percent_format.ts";
import {
  TemplateObject,
  Tuple,
  typeNameOf,
  Undefined,
  type Value,
} from "./template_value.ts";

/** The operators that take two values. */
export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**";

/** The most bits of a power. */
const MAX_BITS = 100_000;

/**
 * Applies an operator.
 *
 * @throws {TemplateError} when the types do not fit.
 */
export function applyBinary(
  operator: BinaryOperator,
  a: Value,
  b: Value,
): Value {
  if (a instanceof Undefined) a.fail();
  if (b instanceof Undefined) b.fail();
  if (isNumeric(a) && isNumeric(b)) {
    return onNumbers(operator, numeric(a), numeric(b));
  }
  if (operator === "+") {
    if (typeof a === "string" && typeof b === "string") {
      checkTextLength(a.length + b.length);
      return a + b;
    }
    if (
      Array.isArray(a) && Array.isArray(b) &&
      (a instanceof Tuple) === (b instanceof Tuple)
    ) {
      checkListLength(a.length + b.length);
      return a instanceof Tuple ? Tuple.make([...a, ...b]) : [...a, ...b];
    }
  }
  if (operator === "*") {
    if (isNumeric(a)) [a, b] = [b, a];
    if (typeof b === "bigint" || typeof b === "boolean") {
      const count = Math.max(0, Number(b));
      if (typeof a === "string") {
        checkTextLength(a.length * count);
        return a.repeat(count);
      }
      if (Array.isArray(a)) {
        checkListLength(a.length * count);
        const times = a.length === 0 ? 0 : count;
        const items = Array.from({ length: times }, () => a as Value[]).flat();
        return a instanceof Tuple ? Tuple.make(items) : items;
      }
    }
  }
  if (operator === "-" && a instanceof TemplateObject) {
    const difference = a.minus(b);
    if (difference !== undefined) return difference;
  }
  if (operator === "%" && typeof a === "string") return formatPercent(a, b);
  throw new TemplateError(
    operator === "+" && typeof a === "string"
      ? `can only concatenate str (not "${typeNameOf(b)}") to str`
      : `unsupported operand type(s) for ${operator}: '${typeNameOf(a)}' and '${
        typeNameOf(b)
      }'`,
  );
}

function onNumbers(
  operator: BinaryOperator,
  a: bigint | number,
  b: bigint | number,
): Value {
  if (typeof a === "bigint" && typeof b === "bigint") {
    return onIntegers(operator, a, b);
  }
  const [x, y] = [Number(a), Number(b)];
  switch (operator) {
    case "+":
      return x + y;
    case "-":
      return x - y;
    case "*":
      return x * y;
    case "**":
      if (x === 0 && y < 0) zeroToNegative();
      return x ** y;
  }
  if (y === 0) {
    throw new TemplateError(
      operator === "/"
        ? "float division by zero"
        : "float floor division by zero",
    );
  }
  if (operator === "/") return x / y;
  const remainder = x % y;
  const isOff = remainder !== 0 && (remainder < 0) !== (y < 0);
  const rest = isOff ? remainder + y : remainder;
  // The quotient is nearly whole, but x / y may be rounded up to the next one.
  return operator === "%" ? rest : Math.round((x - rest) / y);
}

/** The quotient as a fraction, rounded once. */
function divide(a: bigint, b: bigint): number {
  const [x, y] = [Number(a), Number(b)];
  if (Number.isSafeInteger(x) && Number.isSafeInteger(y)) return x / y;
  const isNegative = (a < 0n) !== (b < 0n);
  const [above, below] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const bits = (number: bigint) => number.toString(2).length;
  const shift = Math.max(0, 66 + bits(below) - bits(above));
  const shifted = above << BigInt(shift);
  const quotient = shifted / below;
  const isExact = shifted % below === 0n;
  const half = shift >> 1; // 2 ** shift may be too large for a number
  const size = Number(isExact ? quotient : quotient | 1n) / 2 ** half /
    2 ** (shift - half);
  if (Number.isFinite(size)) return isNegative ? -size : size;
  throw new TemplateError("integer division result too large for a float");
}

function onIntegers(operator: BinaryOperator, a: bigint, b: bigint): Value {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      checkBits(bitsOf(a) + bitsOf(b));
      return a * b;
    case "**":
      return power(a, b);
  }
  if (b === 0n) {
    throw new TemplateError(
      operator === "/"
        ? "division by zero"
        : "integer division or modulo by zero",
    );
  }
  if (operator === "/") return divide(a, b);
  return operator === "//" ? floorDivide(a, b) : a - floorDivide(a, b) * b;
}

/** The quotient, rounded down. */
function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && (a < 0n) !== (b < 0n) ? quotient - 1n : quotient;
}

function zeroToNegative(): never {
  throw new TemplateError("0.0 cannot be raised to a negative power");
}

function power(a: bigint, b: bigint): Value {
  if (b < 0n) {
    if (a === 0n) zeroToNegative();
    return Number(a) ** Number(b);
  }
  checkBits(bitsOf(a) * Number(b));
  return a ** b;
}

/** The bits of a number, or a few more. */
function bitsOf(number: bigint): number {
  const above = number < 0n ? -number : number;
  return above <= Number.MAX_SAFE_INTEGER
    ? Math.ceil(Math.log2(Number(above) + 1))
    : above.toString(16).length * 4;
}

/** @throws {TemplateError} when a number would be too large. */
function checkBits(bits: number): void {
  if (bits > MAX_BITS) {
    throw new TemplateError(`a number would have more than ${MAX_BITS} bits`);
  }
}

/** Applies a sign. */
export function applySign(sign: "+" | "-", value: Value): Value {
  if (value instanceof Undefined) value.fail();
  if (!isNumeric(value)) {
    throw new TemplateError(
      `bad operand type for unary ${sign}: '${typeNameOf(value)}'`,
    );
  }
  const number = numeric(value);
  return sign === "-" ? -number : number;
}
