// The only import of minijinja-js, loaded at the first template, because it is a
// megabyte of WebAssembly.
import { Environment } from "minijinja-js";
import { ExactNumber } from "../../json/exact_number.ts";

/** The number of steps after which a template counts as endless. */
const FUEL = 1_000_000;

/** Makes the function that renders a template with variables. */
function createRenderer(): (
  template: string,
  variables: Readonly<Record<string, unknown>>,
) => string {
  const environment = new Environment();
  environment.undefinedBehavior = "strict";
  environment.fuel = FUEL;
  environment.enablePyCompat();
  return (template, variables) => {
    const { plain, exact } = splitExact(variables);
    return environment.renderStr(exact + template, plain);
  };
}

/**
 * The engine has whole numbers and fractions as Python has them, but JavaScript
 * cannot give it a 1.0: variables that hold an exact number are set inside the
 * template.
 */
function splitExact(
  variables: Readonly<Record<string, unknown>>,
): { plain: Record<string, unknown>; exact: string } {
  const plain: Record<string, unknown> = Object.create(null);
  let exact = "";
  for (const [name, value] of Object.entries(variables)) {
    if (!holdsExact(value)) plain[name] = value;
    else exact += `{% set ${name} = ${literal(value)} %}`;
  }
  return { plain, exact };
}

function holdsExact(value: unknown): boolean {
  if (value instanceof ExactNumber) return true;
  return typeof value === "object" && value !== null &&
    Object.values(value).some(holdsExact);
}

/** A value as the engine writes it. */
function literal(value: unknown): string {
  if (value instanceof ExactNumber) {
    return isKnownToEngine(value.text) ? value.text : `"${value.text}"`;
  }
  if (value === null || value === undefined) return "none";
  if (Array.isArray(value)) return `[${value.map(literal).join(",")}]`;
  if (typeof value === "string") return JSON.stringify(value.toWellFormed());
  if (typeof value !== "object") return String(value);
  const members = Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${literal(member)}`);
  return `{${members.join(",")}}`;
}

/** Whether a number fits the engine: 128 bits, or a fraction. */
function isKnownToEngine(text: string): boolean {
  return /[.eE]/.test(text)
    ? Number.isFinite(Number(text))
    : BigInt(text) < 2n ** 127n && BigInt(text) > -(2n ** 127n);
}

/**
 * Renders a Jinja template.
 *
 * @throws {Error} when it is malformed, or uses an unknown name.
 */
export const renderJinja = createRenderer();
