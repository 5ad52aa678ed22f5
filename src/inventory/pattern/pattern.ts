// Patterns choose hosts. A misspelled name is an error, never an empty choice:
// `web:!canry` must not run on canary.
import { InventoryError } from "../../errors.ts";
import { globToRegExp, isGlob } from "./glob.ts";
import {
  type Host,
  hostsOf,
  implicitHost,
  type Inventory,
} from "../inventory.ts";
import { shownTerm, splitPattern, type Term } from "./terms.ts";
import { expandRange, holdsRange } from "../range.ts";
import { closest } from "../suggest.ts";

/** What a pattern may refer to besides the inventory. */
export interface SelectOptions {
  /**
   * The patterns of each `@name`, one per line of its file. See
   * {@linkcode referencesIn}.
   */
  references?: ReadonlyMap<string, readonly string[]>;
  /** The names of the hosts for which each `{expression}` holds. */
  expressions?: ReadonlyMap<string, ReadonlySet<string>>;
  /** Choose all hosts that may be chosen, whatever other expressions say of them. */
  isUndecided?: boolean;
}

/**
 * Chooses hosts, in the order of the inventory, each once.
 *
 * Terms are joined by `,` or `:`. Terms with `&`, and then those with `!`, are
 * applied last, whatever their position. A term is a host, a group, a glob, a
 * `~regex` that matches from the start, a range of names (`web[01-40]`), a
 * position in a group (`web[0]`, `web[-1]`, `web[0:2]` with both ends included),
 * an `{expression}` over variables, or a reference (`@file`). Globs and regexes match names of hosts and groups,
 * but not `all` and `ungrouped`.
 *
 * @throws {InventoryError} when a name is unknown, or no host is chosen.
 */
export function selectHosts(
  inventory: Inventory,
  pattern: string,
  options: SelectOptions = {},
): Host[] {
  const selection = new Selection(inventory, {
    references: new Map(),
    expressions: new Map(),
    isUndecided: false,
    ...options,
  });
  const chosen = selection.choose(
    splitPattern(pattern, selection.isName),
    pattern,
  );
  if (chosen.size === 0) throw nothingChosen(inventory, pattern);
  const ordered = [...inventory.hosts.values()].filter((host) =>
    chosen.has(host)
  );
  // The rest are implicit hosts, which are not in the inventory.
  return ordered.length === chosen.size
    ? ordered
    : [...new Set([...ordered, ...chosen])];
}

/** Lists the `@name` references of a pattern, without their `@`. */
export function referencesIn(pattern: string): string[] {
  return splitPattern(pattern, () => false)
    .filter(({ text }) => text.startsWith("@"))
    .map(({ text }) => text.slice(1));
}

/** Lists the `{expression}`s of a pattern and of its references, with their braces. */
export function expressionsIn(
  pattern: string,
  references: SelectOptions["references"] = new Map(),
): string[] {
  const found = splitPattern(pattern, () => false).flatMap(({ text }) => {
    if (text.startsWith("{")) return [text];
    const lines = references.get(text.slice(1)) ?? [];
    return text.startsWith("@")
      ? lines.flatMap((line) => expressionsIn(line.replace(/^\s*#.*/, "")))
      : [];
  });
  return [...new Set(found)];
}

class Selection {
  readonly #implicit = new Map<string, Host>();
  readonly references: Required<SelectOptions>["references"];
  readonly expressions: Required<SelectOptions>["expressions"];
  readonly isUndecided: boolean;

  constructor(
    private readonly inventory: Inventory,
    options: Required<SelectOptions>,
  ) {
    this.references = options.references;
    this.expressions = options.expressions;
    this.isUndecided = options.isUndecided;
  }

  readonly isName = (name: string): boolean =>
    this.inventory.hosts.has(name) || this.inventory.groups.has(name);

  choose(terms: readonly Term[], pattern: string): Set<Host> {
    if (terms.length === 0) {
      throw new InventoryError(
        `Cannot choose hosts by ${
          JSON.stringify(pattern)
        }: the pattern is empty`,
      );
    }
    const by = (modifier: Term["modifier"]) =>
      terms.filter((term) => term.modifier === modifier);
    const added = by("");
    if (added.length === 0) added.push({ modifier: "", text: "all" });
    let chosen = new Set(added.flatMap((term) => this.#match(term, pattern)));
    for (const term of by("&")) {
      const kept = new Set(this.#match(term, pattern));
      chosen = new Set([...chosen].filter((host) => kept.has(host)));
    }
    for (const term of by("!")) {
      if (this.#isUndecided(term)) continue;
      for (const host of this.#match(term, pattern)) chosen.delete(host);
    }
    return chosen;
  }

  #match(term: Term, pattern: string): readonly Host[] {
    const { text } = term;
    if (text.startsWith("@")) {
      return this.#matchReference(text.slice(1), pattern);
    }
    if (text.startsWith("{")) return this.#matchExpression(text);
    if (text.startsWith("~")) {
      refuseLong(text);
      return this.#matchNames(compileRegex(text.slice(1)));
    }
    const found = this.#matchName(term) ?? this.#matchPosition(text, pattern) ??
      this.#matchRange(text);
    if (found) return found;
    if (isGlob(text)) {
      refuseLong(text);
      return this.#matchNames(globToRegExp(text));
    }
    throw this.#unknown(text, pattern);
  }

  #matchExpression(text: string): Host[] {
    const hosts = [...this.inventory.hosts.values()];
    const holds = this.expressions.get(text);
    if (holds === undefined && this.isUndecided) return hosts;
    if (holds === undefined) {
      throw new InventoryError(
        `Cannot choose hosts by ${text}: expressions are not evaluated here`,
      );
    }
    return hosts.filter(({ name }) => holds.has(name));
  }

  /** Whether it is not known yet which hosts a term chooses. */
  #isUndecided({ text }: Term): boolean {
    return this.isUndecided &&
      expressionsIn(text, this.references)
        .some((expression) => !this.expressions.has(expression));
  }

  /** A name of both a host and a group chooses the host; after `!` or `&`, both. */
  #matchName({ text, modifier }: Term): Host[] | undefined {
    const host = this.inventory.hosts.get(text);
    if (host && modifier === "") return [host];
    const hosts = this.inventory.groups.has(text)
      ? hostsOf(this.inventory, text)
      : [];
    if (host) hosts.push(host);
    if (this.isName(text)) return hosts;
    const implicit = this.#implicit.get(text) ?? implicitHost(text);
    if (!implicit) return undefined;
    this.#implicit.set(text, implicit);
    return [implicit];
  }

  #matchPosition(text: string, pattern: string): readonly Host[] | undefined {
    const match = /^(.+)\[(?:(-?[0-9]+)|([0-9]+):([0-9]*))\]$/.exec(text);
    const base = match?.[1];
    if (!match || base === undefined) return undefined;
    refuseLong(base);
    const hosts = this.#matchName({ modifier: "&", text: base }) ??
      (isGlob(base) ? this.#matchNames(globToRegExp(base)) : undefined);
    if (!hosts) return undefined;
    const [, , index, first, last] = match;
    const chosen = index !== undefined
      ? hosts.slice(Number(index)).slice(0, 1)
      : hosts.slice(Number(first), last ? Number(last) + 1 : undefined);
    if (chosen.length > 0 && Number(index ?? 0) >= -hosts.length) return chosen;
    throw new InventoryError(
      `Cannot choose hosts by ${shownTerm(pattern)}: ${base} has ${
        count(hosts.length)
      }, and none is ${text}`,
      { hint: "Count positions from 0" },
    );
  }

  /** Skips names of a range that the inventory lacks. */
  #matchRange(text: string): Host[] | undefined {
    if (!holdsRange(text)) return undefined;
    return expandRange(text).filter(this.isName).flatMap((name) =>
      this.#matchName({ modifier: "", text: name }) ?? []
    );
  }

  #matchNames(regex: RegExp): Host[] {
    try {
      regex.test("");
    } catch (cause) {
      // The engine compiles it at its first use, and refuses a huge one then.
      throw new InventoryError(
        "Cannot choose hosts by a pattern: it has too many parts",
        { hint: "Use several patterns, with a comma between them", cause },
      );
    }
    const hosts = new Set<Host>();
    for (const name of this.inventory.groups.keys()) {
      // Otherwise `a*` would choose every host.
      if (name === "all" || name === "ungrouped" || !regex.test(name)) continue;
      for (const host of hostsOf(this.inventory, name)) hosts.add(host);
    }
    for (const [name, host] of this.inventory.hosts) {
      if (regex.test(name)) hosts.add(host);
    }
    return [...hosts];
  }

  #matchReference(name: string, pattern: string): readonly Host[] {
    const lines = this.references.get(name);
    if (!lines) {
      throw new InventoryError(
        `Cannot choose hosts by ${shownTerm(pattern)}: @${name} is unknown`,
      );
    }
    const terms = lines.map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"))
      .flatMap((line) => splitPattern(line, this.isName));
    if (terms.length === 0) return [];
    if (terms.some(({ text }) => text.startsWith("@"))) {
      throw new InventoryError(
        `Cannot choose hosts by ${
          shownTerm(pattern)
        }: @${name} refers to another @`,
      );
    }
    return [...this.choose(terms, `@${name}`)];
  }

  #unknown(text: string, pattern: string): InventoryError {
    const { hosts, groups } = this.inventory;
    const guess = closest(text, [...groups.keys(), ...hosts.keys()]);
    const where = text === pattern ? "" : ` in ${pattern}`;
    const words = text.split(/\s+/).filter((word) => word !== "");
    const hint = words.length > 1
      ? `Separate hosts with commas: ${words.join(",")}`
      : guess
      ? `Did you mean ${guess}?`
      : describe(this.inventory);
    return new InventoryError(
      `Cannot choose hosts by ${
        shownTerm(text)
      }${where}: no host or group has this name`,
      { hint },
    );
  }
}

/** More characters than this make the engine refuse a regular expression. */
const MAX_EXPRESSION = 10_000;

function refuseLong(text: string): void {
  if (text.length <= MAX_EXPRESSION) return;
  throw new InventoryError(
    `Cannot choose hosts by ${
      text.slice(0, 80)
    }…: it has more than ${MAX_EXPRESSION} characters`,
  );
}

function compileRegex(source: string): RegExp {
  // In Python, flags for the whole expression precede it.
  const inline = /^\(\?i\)/.exec(source);
  try {
    return new RegExp(
      `^(?:${inline ? source.slice(4) : source})`,
      inline ? "i" : "",
    );
  } catch (cause) {
    throw new InventoryError(
      `Cannot choose hosts by ~${
        shownTerm(source)
      }: it is not a regular expression`,
      { cause },
    );
  }
}

function nothingChosen(inventory: Inventory, pattern: string): InventoryError {
  return new InventoryError(
    `Cannot choose hosts by ${shownTerm(pattern)}: it matches no host`,
    { hint: paddedRange(inventory, pattern) ?? describe(inventory) },
  );
}

/** The range with the zeros of the inventory's names: `web[01-03]` for `web[1-3]`. */
function paddedRange(
  { hosts }: Inventory,
  pattern: string,
): string | undefined {
  for (const digits of [2, 3, 4]) {
    const padded = pattern.replace(
      /(?<=\[[^\]]*)\d+/g,
      (number) => number.padStart(digits, "0"),
    );
    if (padded === pattern || !holdsRange(padded)) continue;
    if (expandRange(padded).some((name) => hosts.has(name))) {
      return `Did you mean ${padded}?`;
    }
  }
  return undefined;
}

/** A hint with what can be chosen. */
function describe(inventory: Inventory): string {
  if (inventory.hosts.size === 0) {
    return "Give an inventory that has hosts with `inventory`";
  }
  const groups = [...inventory.groups.keys()]
    .filter((name) => name !== "all" && name !== "ungrouped");
  const shown = groups.slice(0, 8).join(", ") +
    (groups.length > 8 ? ", …" : "");
  return `Choose from ${count(inventory.hosts.size)}${
    groups.length > 0 ? ` in the groups ${shown}` : " in no groups"
  }`;
}

function count(hosts: number): string {
  return hosts === 1 ? "1 host" : `${hosts} hosts`;
}
