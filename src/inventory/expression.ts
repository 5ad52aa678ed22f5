// The `{expression}`s of patterns: `{dc == "fra" and cores > 8}` is a Jinja
// expression over the variables of each host. Evaluated before hosts are chosen,
// because the engine is loaded only when a pattern has one.
import { InventoryError } from "../errors.ts";
import { TemplateError, UndefinedError } from "../template/template_error.ts";
import type { Host, Inventory } from "./inventory.ts";
import { HOST_NAMES } from "./special_names.ts";
import { closest } from "./suggest.ts";
import {
  expressionsIn,
  selectHosts,
  type SelectOptions,
} from "./pattern/pattern.ts";

/** What expressions may refer to. */
export interface DecideOptions extends Pick<SelectOptions, "references"> {
  /** Adds variables that the inventory does not have, such as facts. Default: none. */
  readonly seen?: ((host: Host) => Host) | undefined;
  /** Hosts that are not judged: no expression holds for them. Default: none. */
  readonly isLeftOut?: ((host: Host) => boolean) | undefined;
}

const FACTS = "ansible_facts";
/** Words of expressions that are not variables. */
const WORDS = new Set(
  ("and or not in is if else true false none True False None loop range dict " +
    "namespace lipsum").split(" "),
);

const HINT = 'Write a Jinja expression, such as {dc == "fra"}';

/** How many hosts an error names. */
const MAX_NAMED = 3;

/**
 * Decides each expression of a pattern on the hosts that the pattern may choose.
 * A variable that a host lacks is false, and equals nothing.
 *
 * @returns the names of the hosts for which each expression holds.
 * @throws {InventoryError} when one is malformed, needs facts that were not
 *   gathered, or has a variable that no host has.
 */
export async function decideExpressions(
  inventory: Inventory,
  pattern: string,
  {
    references = new Map(),
    seen = (host) => host,
    isLeftOut = () => false,
  }: DecideOptions = {},
): Promise<Map<string, ReadonlySet<string>>> {
  const decided = new Map<string, ReadonlySet<string>>();
  const expressions = expressionsIn(pattern, references);
  if (expressions.length === 0) return decided;
  const hosts = [...inventory.hosts.values()];
  const [ofFacts, others] = partition(expressions, hosts);
  for (const group of [others, ofFacts]) {
    // Facts are only needed of hosts that all else may choose.
    const judged = mayBeChosen(inventory, pattern, { references, decided })
      .filter((host) => !isLeftOut(host)).map(seen);
    for (const expression of group) {
      decided.set(
        expression,
        await decide(expression, { inventory, hosts: judged, known: hosts }),
      );
    }
  }
  return decided;
}

/** Those over facts, and all others. */
function partition(
  expressions: readonly string[],
  hosts: readonly Host[],
): [ofFacts: string[], others: string[]] {
  const ofFacts = expressions.filter((expression) =>
    variablesIn(expression).some((name) => isFact(name, hosts))
  );
  const others = expressions.filter((each) => !ofFacts.includes(each));
  return [ofFacts, others];
}

/**
 * The hosts that a pattern can choose, whatever its expressions say of them, except
 * those that are decided. None is an error only for {@linkcode selectHosts}.
 */
function mayBeChosen(
  inventory: Inventory,
  pattern: string,
  { references, decided }: {
    references: Required<SelectOptions>["references"];
    decided: Required<SelectOptions>["expressions"];
  },
): Host[] {
  const options = { references, expressions: decided, isUndecided: true };
  return selectHosts(inventory, pattern, options);
}

/**
 * The hosts whose facts decide whether a pattern chooses them; undefined when it
 * depends on no facts.
 *
 * @throws {InventoryError} as `decideExpressions`.
 */
export async function judgedByFacts(
  inventory: Inventory,
  pattern: string,
  { references = new Map(), seen = (host) => host }: DecideOptions = {},
): Promise<Host[] | undefined> {
  const expressions = expressionsIn(pattern, references);
  const hosts = [...inventory.hosts.values()];
  const [ofFacts, others] = partition(expressions, hosts);
  if (ofFacts.length === 0) return undefined;
  const decided = new Map<string, ReadonlySet<string>>();
  const judged = mayBeChosen(inventory, pattern, { references, decided })
    .map(seen);
  for (const expression of others) {
    decided.set(
      expression,
      await decide(expression, { inventory, hosts: judged, known: hosts }),
    );
  }
  return mayBeChosen(inventory, pattern, { references, decided });
}

/** The hosts that an expression is decided on. */
interface Judged {
  readonly inventory: Inventory;
  /** With all their variables. */
  readonly hosts: readonly Host[];
  /** All of the inventory, with its variables alone: the others may be facts. */
  readonly known: readonly Host[];
}

async function decide(
  expression: string,
  { inventory, hosts, known }: Judged,
): Promise<Set<string>> {
  if (expression.slice(1, -1).trim() === "") {
    throw new InventoryError(
      `Cannot choose hosts by ${expression}: it is empty`,
      { hint: HINT },
    );
  }
  const names = variablesIn(expression);
  checkNames(expression, names, { hosts, known });
  const { HostTemplates } = await import("./templates/host_templates.ts");
  const templates = new HostTemplates({ inventory });
  const condition = expression.slice(1, -1);
  const holds = new Set<string>();
  for (const host of hosts) {
    try {
      const target = { host, isLenient: true };
      if (await templates.holds(condition, expression, target)) {
        holds.add(host.name);
      }
    } catch (cause) {
      // It orders or filters what this host lacks.
      if (cause instanceof UndefinedError) continue;
      if (!(cause instanceof TemplateError)) throw cause;
      throw new InventoryError(
        `Cannot choose hosts by ${expression}: ${cause.reason}`,
        { cause, hint: HINT },
      );
    }
  }
  return holds;
}

/** A misspelled name is an error, never an empty choice. */
function checkNames(
  expression: string,
  names: readonly string[],
  { hosts, known }: Pick<Judged, "hosts" | "known">,
): void {
  for (const name of names) {
    if (HOST_NAMES.includes(name)) continue;
    const lacking = isFact(name, known)
      ? hosts.filter(({ vars }) =>
        !Object.hasOwn(vars, FACTS) && !Object.hasOwn(vars, name)
      )
      : [];
    if (lacking.length > 0) throw noFacts(expression, lacking);
    if (hosts.some(({ vars }) => Object.hasOwn(vars, name))) continue;
    if (mayBeAbsent(name, expression) || hosts.length === 0) continue;
    const set = new Set(hosts.flatMap(({ vars }) => Object.keys(vars)));
    const guess = closest(name, [...set]);
    throw new InventoryError(
      `Cannot choose hosts by ${expression}: no host has a variable ${name}`,
      {
        hint: guess
          ? `Did you mean ${guess}?`
          : `Write {${name} is defined and …} if hosts may lack it`,
      },
    );
  }
}

/** Whether an expression asks if a host has the variable. */
function mayBeAbsent(name: string, expression: string): boolean {
  return new RegExp(
    `\\b${name}\\s*(?:is\\s+(?:not\\s+)?(?:un)?defined\\b|\\|\\s*(?:d|default)\\b)`,
  ).test(expression);
}

function isFact(name: string, hosts: readonly Host[]): boolean {
  if (name === FACTS) return true;
  return name.startsWith("ansible_") && !HOST_NAMES.includes(name) &&
    !hosts.some(({ vars }) => Object.hasOwn(vars, name));
}

function noFacts(expression: string, hosts: readonly Host[]): InventoryError {
  const names = hosts.slice(0, MAX_NAMED).map(({ name }) => name).join(", ");
  const more = hosts.length > MAX_NAMED
    ? ` and ${hosts.length - MAX_NAMED} more`
    : "";
  return new InventoryError(
    `Cannot choose hosts by ${expression}: the facts of ${names}${more} were not gathered`,
    { hint: "Gather them with `facts`, or run setup first in the console" },
  );
}

/** The names of variables in an expression: words that nothing else explains. */
function variablesIn(expression: string): string[] {
  const code = expression.slice(1, -1)
    .replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, " '' ")
    .replace(
      /\bis\s+(?:not\s+)?\w+|\|\s*\w+|\.\s*[A-Za-z_]\w*|\w+\s*=(?!=)/g,
      " ",
    );
  const names = code.match(/(?<![\w.])[A-Za-z_]\w*/g) ?? [];
  return [...new Set(names)].filter((name) => !WORDS.has(name));
}
