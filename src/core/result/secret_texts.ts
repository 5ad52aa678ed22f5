// Finds secrets in text and masks them, even when the chunks of a
// stream split a secret.
import { type Span, TextMatcher } from "./text_matcher.ts";
import { writtenForms } from "./written_forms.ts";

/** The text in place of a secret. */
export const MASKED_TEXT = "********";

/** A set of secrets. Those that are too short are left out. */
export class SecretTexts {
  readonly #own: Matchers;
  readonly #growing: Matchers | undefined;

  /** @param growing more secrets; the set may grow later. */
  constructor(texts: Iterable<string>, growing?: ReadonlySet<string>) {
    this.#own = new Matchers(new Set(texts));
    this.#growing = growing && sharedMatchers(growing);
  }

  get size(): number {
    return this.#matchers.reduce((sum, { texts }) => sum + texts.length, 0);
  }

  /** All texts that are searched for, except the growing ones; the longest first. */
  get forms(): string[] {
    return this.#own.all.flatMap(({ texts }) => [...texts])
      .sort((a, b) => b.length - a.length);
  }

  get #matchers(): readonly TextMatcher[] {
    return [...this.#own.all, ...this.#growing?.all ?? []];
  }

  /** Masks every secret in the text; secrets that overlap become one mask. */
  mask(text: string): string {
    let masked = "";
    let at = 0;
    for (const [from, to] of this.#find(text)) {
      masked += text.slice(at, from) + MASKED_TEXT;
      at = to;
    }
    return at === 0 ? text : masked + text.slice(at);
  }

  /** Masks text that arrives in chunks. */
  stream(): SecretStream {
    let held = "";
    // The length of the start of `held` whose mask was already returned.
    let masked = 0;
    const give = (text: string, keep: number): string => {
      const cut = text.length - keep;
      const spans = merge([[0, masked], ...this.#find(text)]);
      let shown = "";
      let at = masked > 0 ? spans.shift()![1] : 0;
      for (const [from, to] of spans) {
        if (from >= cut) break;
        shown += text.slice(at, from) + MASKED_TEXT;
        at = to;
      }
      masked = Math.max(0, at - cut);
      held = text.slice(cut);
      return shown + text.slice(at, Math.max(at, cut));
    };
    return {
      push: (chunk) => give(held + chunk, this.#unfinished(held + chunk)),
      end: () => give(held, 0),
    };
  }

  #find(text: string): Span[] {
    const found = this.#matchers.map((matcher) => matcher.find(text));
    return found.length === 1 ? found[0]! : merge(found.flat());
  }

  /** The length of the longest suffix of the text that may start a secret. */
  #unfinished(text: string): number {
    return Math.max(
      0,
      ...this.#matchers.map((matcher) => matcher.unfinished(text)),
    );
  }
}

/** Masks text in chunks; holds back what may be the start of a secret. */
export interface SecretStream {
  push(chunk: string): string;
  /** Returns the text that is still held back. */
  end(): string;
}

/**
 * Matchers for a set that may grow. Each holds at least as many secrets as all after
 * it, so that there are few matchers, and a secret is rarely moved to another one.
 */
class Matchers {
  readonly #secrets: ReadonlySet<string>;
  readonly #built: TextMatcher[] = [];
  #size = 0;

  constructor(secrets: ReadonlySet<string>) {
    this.#secrets = secrets;
  }

  get all(): readonly TextMatcher[] {
    if (this.#secrets.size > this.#size) {
      const added = [...this.#secrets].slice(this.#size);
      this.#size = this.#secrets.size;
      const forms = new Set(added.flatMap((text) => [...writtenForms(text)]));
      while (this.#built.length > 0) {
        if (this.#built.at(-1)!.texts.length > forms.size) break;
        for (const text of this.#built.pop()!.texts) forms.add(text);
      }
      if (forms.size > 0) this.#built.push(new TextMatcher(forms));
    }
    return this.#built;
  }
}

/** One for each set, shared by all masks that use the set. */
const shared = new WeakMap<ReadonlySet<string>, Matchers>();

function sharedMatchers(secrets: ReadonlySet<string>): Matchers {
  let matchers = shared.get(secrets);
  if (matchers === undefined) {
    shared.set(secrets, matchers = new Matchers(secrets));
  }
  return matchers;
}

/** Sorts spans, joins those that touch or overlap, and drops empty ones. */
function merge(spans: Span[]): Span[] {
  const merged: Span[] = [];
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (from === to) continue;
    if (last === undefined || from > last[1]) merged.push([from, to]);
    else last[1] = Math.max(last[1], to);
  }
  return merged;
}
