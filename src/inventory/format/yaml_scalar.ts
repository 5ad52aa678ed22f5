// Resolves plain YAML scalars by the rules of PyYAML, which Ansible uses: YAML 1.1,
// but without y and n, and without exponents that lack a dot and a sign.
import {
  type ExactNumber,
  fractionOf,
  integerOf,
  isNumber,
  numberOf,
} from "../../json/exact_number.ts";

const INTEGER =
  /^[-+]?(?:0b_*[01][01_]*|0[0-7_]+|0|[1-9][0-9_]*|0x_*[0-9a-fA-F][0-9a-fA-F_]*|[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
/** What Python's float() takes besides, with parts of sixtieths before it. */
const PYTHON_FLOAT =
  /^[-+]?(?:[0-9][0-9_]*:)*(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/;
const TRUE = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const TIME =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.(\d*))?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::(\d\d))?))?)?$/;

/**
 * Resolves a plain scalar: null, boolean, number, or the text itself. Dates
 * become text in ISO 8601, as Ansible passes them to modules.
 */
export function resolvePlain(text: string): unknown {
  // Most scalars are words, which their first character reveals.
  if (!/^[-+.0-9~yYnNtTfFoO]/.test(text)) return text === "" ? null : text;
  if (NULL.test(text)) return null;
  if (TRUE.test(text)) return true;
  if (FALSE.test(text)) return false;
  if (INTEGER.test(text)) return parseInteger(text);
  if (FLOAT.test(text)) return parseFloatText(text);
  return isoDate(text) ?? text;
}

/** What Python takes for octal, and YAML does not. */
const PYTHON_OCTAL = /^[-+]?0_*[oO](?:_*[0-7])+_*$/;

/** Reads an `!!int` in any notation of YAML 1.1, or octal as Python writes it. */
export function parseInteger(text: string): number | ExactNumber | undefined {
  if (!INTEGER.test(text) && !PYTHON_OCTAL.test(text)) return undefined;
  const digits = text.replaceAll("_", "").replace(/^[-+]/, "");
  const magnitude = digits.includes(":")
    ? sexagesimal(digits)
    : /^0o?[0-7]+$/i.test(digits)
    ? BigInt(`0o${digits.replace(/^0o?/i, "")}`)
    : BigInt(digits);
  return integerOf(text.startsWith("-") ? -magnitude : magnitude);
}

function sexagesimal(digits: string): bigint {
  return digits.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
}

/** Reads a `!!float`, which may be a whole number. */
export function parseFloatText(
  text: string,
): number | ExactNumber | undefined {
  if (!FLOAT.test(text) && !PYTHON_FLOAT.test(text)) return undefined;
  const digits = text.replaceAll("_", "").toLowerCase().replace(/^[-+]/, "");
  const sign = text.startsWith("-") ? -1 : 1;
  if (digits === ".inf") return numberOf(String(sign * Infinity));
  if (digits === ".nan") return numberOf("NaN");
  const value = digits.split(":")
    .reduce((sum, part) => sum * 60 + Number(part), 0);
  return fractionOf((sign < 0 ? "-" : "") + digits, sign * value);
}

/**
 * A key as Python's json.dumps writes it.
 *
 * @param source The key's text in the file: `1.0` is not `1`.
 */
export function jsonKey(key: unknown, source: string): string {
  if (!isNumber(key) || !FLOAT.test(source)) return String(key);
  const number = Number(key);
  if (!Number.isFinite(number)) return String(number);
  const size = Math.abs(number);
  if (size >= 1e16 || (size > 0 && size < 1e-4)) {
    return number.toExponential().replace(/(?<=e[-+])(?=\d$)/, "0");
  }
  const text = Object.is(number, -0) ? "-0" : String(number);
  return Number.isInteger(number) && !text.includes("e") ? `${text}.0` : text;
}

/** Formats a YAML timestamp like Python's isoformat(); undefined for other text. */
export function isoDate(text: string): string | undefined {
  const match = TIME.exec(text);
  if (!match) return undefined;
  const [
    ,
    year,
    month,
    day,
    hour,
    minute,
    second,
    fraction,
    utc,
    sign,
    zoneHour,
    zoneMinute,
  ] = match;
  const date = `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}`;
  if (hour === undefined) {
    // PyYAML requires two digits each when there is no time.
    return month?.length === 2 && day?.length === 2 ? date : undefined;
  }
  const micros = (fraction ?? "").slice(0, 6).padEnd(6, "0");
  const zone = utc
    ? "+00:00"
    : sign
    ? `${sign}${zoneHour?.padStart(2, "0")}:${zoneMinute ?? "00"}`
    : "";
  return `${date}T${hour.padStart(2, "0")}:${minute}:${second}` +
    (Number(micros) > 0 ? `.${micros}` : "") + zone;
}
