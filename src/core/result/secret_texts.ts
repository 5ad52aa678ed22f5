// Finds secret texts in other text and blots them out, also where a secret is
// cut in two by the chunks in which output arrives.
import { type Span, TextMatcher } from "./text_matcher.ts";
import { writtenForms } from "./written_forms.ts";

/** What stands for a secret. */
export const MASKED_TEXT = "********";

/** A set of secret texts. Those that are too short are left out. */
export class SecretTexts {
  readonly #own: Matchers;
  readonly #growing: Matchers | undefined;

  /** @param growing texts that become known in the course of time. */
  constructor(texts: Iterable<string>, growing?: ReadonlySet<string>) {
    this.#own = new Matchers(new Set(texts));
    this.#growing = growing && sharedMatchers(growing);
  }

  get size(): number {
    return this.#matchers.reduce((sum, { texts }) => sum + texts.length, 0);
  }

  get #matchers(): readonly TextMatcher[] {
    return [...this.#own.all, ...this.#growing?.all ?? []];
  }

  /** The text with every secret blotted out; overlapping ones become one. */
  mask(text: string): string {
    let masked = "";
    let at = 0;
    for (const [from, to] of this.#find(text)) {
      masked += text.slice(at, from) + MASKED_TEXT;
      at = to;
    }
    return at === 0 ? text : masked + text.slice(at);
  }

  /** Begins to mask a text that arrives in chunks. */
  stream(): SecretStream {
    let held = "";
    // How much of `held` belongs to a secret whose blot has been given out.
    let blotted = 0;
    const give = (text: string, keep: number): string => {
      const cut = text.length - keep;
      const spans = merge([[0, blotted], ...this.#find(text)]);
      let masked = "";
      let at = blotted > 0 ? spans.shift()![1] : 0;
      for (const [from, to] of spans) {
        if (from >= cut) break;
        masked += text.slice(at, from) + MASKED_TEXT;
        at = to;
      }
      blotted = Math.max(0, at - cut);
      held = text.slice(cut);
      return masked + text.slice(at, Math.max(at, cut));
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

  /** The length of the longest end of the text that may become a secret. */
  #unfinished(text: string): number {
    return Math.max(
      0,
      ...this.#matchers.map((matcher) => matcher.unfinished(text)),
    );
  }
}

/** Masks a text in chunks; what may be the begin of a secret is held back. */
export interface SecretStream {
  push(chunk: string): string;
  /** Gives what is still held back. */
  end(): string;
}

/**
 * Matchers for a set that may grow. Each is at least as large as all after it,
 * so that there are few, and a text is seldom built into another one.
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

/** One for each set, whoever masks with it. */
const shared = new WeakMap<ReadonlySet<string>, Matchers>();

function sharedMatchers(secrets: ReadonlySet<string>): Matchers {
  let matchers = shared.get(secrets);
  if (matchers === undefined) {
    shared.set(secrets, matchers = new Matchers(secrets));
  }
  return matchers;
}

/** Spans in order, those that touch or overlap joined, empty ones left out. */
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
