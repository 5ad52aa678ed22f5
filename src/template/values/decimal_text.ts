// Fractions in decimal, rounded as C's printf() does: exactly, and halves to the even
// digit. JavaScript's toFixed() rounds halves up, and stops at 1e21.

/** A fraction has no more digits after its point than this. */
const MAX_DIGITS = 1074;

/** `%.{precision}f` of a finite fraction. */
export function fixedText(value: number, precision: number): string {
  const kept = Math.min(precision, MAX_DIGITS);
  const digits = String(roundedDigits(Math.abs(value), kept))
    .padStart(kept + 1, "0");
  const point = digits.length - kept;
  const sign = isNegative(value) ? "-" : "";
  const whole = sign + digits.slice(0, point);
  if (precision === 0) return whole;
  return `${whole}.${digits.slice(point).padEnd(precision, "0")}`;
}

/** `%.{precision}e` of a finite fraction. */
export function exponentialText(value: number, precision: number): string {
  const { digits, power } = leadingDigits(value, precision);
  const rest = precision === 0 ? "" : `.${digits.slice(1)}`;
  return `${isNegative(value) ? "-" : ""}${digits[0]}${rest}e${
    power < 0 ? "-" : "+"
  }${String(Math.abs(power)).padStart(2, "0")}`;
}

/** The power of ten of a fraction that is rounded to `precision` + 1 digits. */
export function powerOfTen(value: number, precision: number): number {
  return leadingDigits(value, precision).power;
}

/** A fraction rounded to a digit, which may be left of the point. */
export function roundTo(value: number, precision: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  if (precision >= 0) return Number(fixedText(value, precision));
  const digits = roundedDigits(Math.abs(value), precision);
  const rounded = Number(`${digits}e${-precision}`);
  return value < 0 ? -rounded : rounded;
}

/** A quotient, with halves rounded to the even neighbor. */
export function divideToEven(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  const twice = 2n * (a % b);
  const isUp = twice > b || (twice === b && quotient % 2n === 1n);
  return isUp ? quotient + 1n : quotient;
}

function isNegative(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

function leadingDigits(
  value: number,
  precision: number,
): { digits: string; power: number } {
  const kept = Math.min(precision, MAX_DIGITS);
  if (value === 0) return { digits: "0".repeat(precision + 1), power: 0 };
  const size = Math.abs(value);
  let power = Number(size.toExponential().split("e")[1]);
  for (;;) {
    const digits = String(roundedDigits(size, kept - power));
    if (digits.length === kept + 1) {
      return { digits: digits.padEnd(precision + 1, "0"), power };
    }
    power += digits.length - kept - 1;
  }
}

/** `value * 10 ** precision`, rounded. */
function roundedDigits(value: number, precision: number): bigint {
  const [mantissa, exponent] = binaryParts(value);
  let above = mantissa;
  let below = 1n;
  if (exponent >= 0) above <<= BigInt(exponent);
  else below <<= BigInt(-exponent);
  if (precision >= 0) above *= 10n ** BigInt(precision);
  else below *= 10n ** BigInt(-precision);
  return divideToEven(above, below);
}

/** A positive fraction as a whole number and the power of two that it is times. */
function binaryParts(value: number): [mantissa: bigint, exponent: number] {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const fraction = bits & (2n ** 52n - 1n);
  const exponent = Number(bits >> 52n & 0x7ffn);
  return exponent === 0
    ? [fraction, -1074]
    : [fraction | 2n ** 52n, exponent - 1075];
}
