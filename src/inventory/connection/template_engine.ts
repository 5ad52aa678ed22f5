// The only import of minijinja-js, loaded at the first template, because it is a
// megabyte of WebAssembly.
import { Environment } from "minijinja-js";
import { ExactNumber } from "../../json/exact_number.ts";

/** The number of steps after which a template counts as endless. */
const FUEL = 1_000_000;

type Variables = Readonly<Record<string, unknown>>;

function createEnvironment(
  undefinedBehavior: "strict" | "chainable",
): Environment {
  const environment = new Environment();
  environment.undefinedBehavior = undefinedBehavior;
  environment.fuel = FUEL;
  environment.enablePyCompat();
  return environment;
}

const strict = createEnvironment("strict");
let chainable: Environment | undefined;

/**
 * The engine has whole numbers and fractions as Python has them, but JavaScript
 * cannot give it a 1.0: variables that hold an exact number are set inside the
 * template.
 */
function splitExact(
  variables: Variables,
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
export function renderJinja(template: string, variables: Variables): string {
  return renderIn(strict, template, variables);
}

/**
 * Whether a Jinja expression is true. A name that is unknown is false, and so are
 * its members.
 *
 * @throws {Error} when it is malformed.
 */
export function holdsInJinja(
  expression: string,
  variables: Variables,
): boolean {
  chainable ??= createEnvironment("chainable");
  const template = `{% if (${expression}) %}1{% endif %}`;
  return renderIn(chainable, template, variables) === "1";
}

function renderIn(
  environment: Environment,
  template: string,
  variables: Variables,
): string {
  const { plain, exact } = splitExact(variables);
  return environment.renderStr(exact + template, plain);
}
