// Finds many strings in one pass over a text (Aho and Corasick, 1975). The
// time depends on the length of the searched text, not on the number of strings.

/** A part of a text: its start, and the offset after its end. */
export type Span = [from: number, to: number];

/** A set of strings to find, all of them at least two units long. */
export class TextMatcher {
  readonly texts: readonly string[];
  /** The node that a unit leads to from a node; node 0 is the start. */
  readonly #next = new Map<number, number>();
  /** By node: the node of the longest suffix of its text that starts a string. */
  readonly #fail: number[] = [0];
  /** By node: the length of its text. */
  readonly #depth: number[] = [0];
  /** By node: the length of the longest text that ends there; 0 for none. */
  readonly #found: number[] = [0];
  /** By node: whether a longer text continues from it. */
  readonly #continues: boolean[] = [true];
  /** Whether a string may start with a pair of units. */
  readonly #starts = new Uint8Array(0x10000);

  constructor(texts: Iterable<string>) {
    this.texts = [...texts];
    const units: number[] = [0];
    const parents: number[] = [0];
    for (const text of this.texts) {
      let node = 0;
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        let next = this.#next.get(keyOf(node, unit));
        if (next === undefined) {
          next = this.#depth.length;
          this.#next.set(keyOf(node, unit), next);
          this.#depth.push(i + 1);
          this.#found.push(0);
          this.#continues.push(false);
          this.#continues[node] = true;
          this.#fail.push(0);
          units.push(unit);
          parents.push(node);
        }
        node = next;
      }
      this.#found[node] = text.length;
      this.#starts[pairOf(text, 0)] = 1;
    }
    this.#link(units, parents);
  }

  /** The spans of all strings; those that touch or overlap are joined. */
  find(text: string): Span[] {
    const spans: Span[] = [];
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      if (node === 0) {
        while (i < text.length - 1 && !this.#starts[pairOf(text, i)]) i++;
      }
      node = this.#step(node, text.charCodeAt(i));
      const length = this.#found[node]!;
      if (length > 0) join(spans, i + 1 - length, i + 1);
    }
    return spans;
  }

  /** The length of the longest suffix of the text that may start one of `texts`. */
  unfinished(text: string): number {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      if (node === 0) {
        while (i < text.length - 1 && !this.#starts[pairOf(text, i)]) i++;
      }
      node = this.#step(node, text.charCodeAt(i));
    }
    // A complete match does not wait, unless a longer text may start in it.
    while (!this.#continues[node]) node = this.#fail[node]!;
    return this.#depth[node]!;
  }

  #step(node: number, unit: number): number {
    for (;;) {
      const next = this.#next.get(keyOf(node, unit));
      if (next !== undefined) return next;
      if (node === 0) return 0;
      node = this.#fail[node]!;
    }
  }

  /** Sets the links, by length: a link leads to the node of a shorter text. */
  #link(units: readonly number[], parents: readonly number[]): void {
    const order = units.map((_, node) => node).slice(1)
      .sort((a, b) => this.#depth[a]! - this.#depth[b]!);
    for (const node of order) {
      const parent = parents[node]!;
      const fail = parent === 0
        ? 0
        : this.#step(this.#fail[parent]!, units[node]!);
      this.#fail[node] = fail;
      this.#found[node] = Math.max(this.#found[node]!, this.#found[fail]!);
    }
  }
}

/** Adds a span whose end is not before the end of any other. */
function join(spans: Span[], from: number, to: number): void {
  while (spans.length > 0 && spans.at(-1)![1] >= from) {
    from = Math.min(from, spans.pop()![0]);
  }
  spans.push([from, to]);
}

function keyOf(node: number, unit: number): number {
  return node * 0x10000 + unit;
}

function pairOf(text: string, at: number): number {
  return (text.charCodeAt(at) << 8 ^ text.charCodeAt(at + 1)) & 0xffff;
}
