// Learns secrets from hosts: what a module masks in its result shows which of its
// arguments are secret, even when no name and no source showed it before.
import { isNumber } from "../../json/exact_number.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import { MASKED_TEXT } from "./secret_texts.ts";
import { MIN_LENGTH } from "./written_forms.ts";

/** The secrets that results have revealed. */
export interface Learned {
  /** Texts that are masked everywhere. */
  readonly texts: ReadonlySet<string>;
  /** Parameters whose values are too short for that, masked in their own field. */
  readonly names: ReadonlySet<string>;
}

/** Nothing was learned. */
export const NOTHING_LEARNED: Learned = { texts: new Set(), names: new Set() };

/** The text that an Ansible module puts in `invocation` for a `no_log` value. */
const HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER";

/** Words that are in many results, and would mask half of them. */
const COMMON =
  /^(?:true|false|yes|no|none|null|always|never|on_create|present|absent)$/i;

/** Joins both; returns `first` itself when `second` adds nothing. */
export function join(first: Learned, second: Learned): Learned {
  const isKnown = second.texts.isSubsetOf(first.texts) &&
    second.names.isSubsetOf(first.names);
  return isKnown ? first : {
    texts: first.texts.union(second.texts),
    names: first.names.union(second.names),
  };
}

/** Compares the arguments with those that `invocation` in a result shows. */
export function learnFrom(result: Json, args: JsonObject): Learned {
  const shown = member(member(result, "invocation"), "module_args");
  if (shown === undefined) return NOTHING_LEARNED;
  const texts = new Set<string>();
  const names = new Set<string>();
  const hide = (name: string, found: readonly string[]) => {
    for (const text of found) {
      if (text.length < MIN_LENGTH || COMMON.test(text)) names.add(name);
      else texts.add(text);
    }
  };
  const compare = (name: string, given: Json, seen: Json | undefined) => {
    if (seen === undefined || seen === given) return;
    if (seen === HIDDEN || seen === MASKED_TEXT) {
      return hide(name, leaves(given));
    }
    if (Array.isArray(given) && Array.isArray(seen)) {
      given.forEach((each, i) => compare(name, each, seen[i]));
    } else if (isObject(given) && isObject(seen)) {
      for (const [key, value] of Object.entries(given)) {
        compare(key, value, member(seen, key));
      }
    } else if (typeof given === "string" && typeof seen === "string") {
      hide(name, maskedPart(given, seen));
    } else if (leaves(seen).some(hasMaskedText)) {
      hide(name, leaves(given)); // a string that the module made a list or an object
    }
  };
  compare("", args, shown);
  return { texts, names };
}

/** The masked part of a string; all of it when the part cannot be found. */
function maskedPart(given: string, seen: string): string[] {
  if (!hasMaskedText(seen)) return [];
  const [before = "", after, ...more] = seen.split(MASKED_TEXT);
  const isFound = after !== undefined && more.length === 0 &&
    given.length >= before.length + after.length &&
    given.startsWith(before) && given.endsWith(after);
  return [
    isFound ? given.slice(before.length, given.length - after.length) : given,
  ];
}

function hasMaskedText(text: string): boolean {
  return text.includes(MASKED_TEXT) || text.includes(HIDDEN);
}

/** All strings and numbers in a value, as strings; in linear time at any depth. */
export function leaves(value: Json): string[] {
  const found: string[] = [];
  const gather = (part: Json) => {
    if (typeof part === "string") found.push(part);
    else if (isNumber(part)) found.push(String(part));
    else if (typeof part === "object" && part !== null) {
      for (const each of Object.values(part)) gather(each);
    }
  };
  gather(value);
  return found;
}

function member(value: Json | undefined, name: string): Json | undefined {
  if (!isObject(value)) return undefined;
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
