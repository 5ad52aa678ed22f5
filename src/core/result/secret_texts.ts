// Finds secret texts in other text and blots them out, also where a secret is
// cut in two by the chunks in which output arrives.

/** What stands for a secret. */
export const BLOT = "********";

/** Secrets shorter than this would blot out half of every text. */
export const MIN_LENGTH = 4;

/** A set of secret texts. Those that are too short are left out. */
export class SecretTexts {
  readonly #forms = new Set<string>();
  readonly #growing: ReadonlySet<string>;
  #grown = 0;

  /** @param growing texts that become known in the course of time. */
  constructor(
    texts: Iterable<string>,
    growing: ReadonlySet<string> = new Set(),
  ) {
    this.#add(texts);
    this.#growing = growing;
  }

  get size(): number {
    return this.#texts.size;
  }

  get #texts(): ReadonlySet<string> {
    if (this.#growing.size > this.#grown) {
      this.#add([...this.#growing].slice(this.#grown));
      this.#grown = this.#growing.size;
    }
    return this.#forms;
  }

  #add(texts: Iterable<string>): void {
    for (const text of texts) {
      for (const form of writtenForms(text)) {
        if (form.length >= MIN_LENGTH) this.#forms.add(form);
      }
    }
  }

  /** The text with every secret blotted out; overlapping ones become one. */
  mask(text: string): string {
    let masked = "";
    let at = 0;
    for (const [from, to] of this.#find(text)) {
      masked += text.slice(at, from) + BLOT;
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
        masked += text.slice(at, from) + BLOT;
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

  #find(text: string): [number, number][] {
    const spans: [number, number][] = [];
    for (const secret of this.#texts) {
      let at = text.indexOf(secret);
      for (; at >= 0; at = text.indexOf(secret, at + 1)) {
        spans.push([at, at + secret.length]);
      }
    }
    return merge(spans);
  }

  /** The length of the longest end of the text that may become a secret. */
  #unfinished(text: string): number {
    let longest = 0;
    for (const secret of this.#texts) {
      let length = Math.min(secret.length - 1, text.length);
      while (length > longest && !text.endsWith(secret.slice(0, length))) {
        length--;
      }
      longest = Math.max(longest, length);
    }
    return longest;
  }
}

/** Masks a text in chunks; what may be the begin of a secret is held back. */
export interface SecretStream {
  push(chunk: string): string;
  /** Gives what is still held back. */
  end(): string;
}

/** A secret as it is, and as JSON writes it (Python's in ASCII too). */
function writtenForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [text, json, ascii];
}

/** Spans in order, those that touch or overlap joined, empty ones left out. */
function merge(spans: [number, number][]): [number, number][] {
  const merged: [number, number][] = [];
  for (const [from, to] of spans.sort((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (from === to) continue;
    if (last === undefined || from > last[1]) merged.push([from, to]);
    else last[1] = Math.max(last[1], to);
  }
  return merged;
}
