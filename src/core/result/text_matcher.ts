// Finds many texts in another one in one pass (Aho and Corasick, 1975): the time
// depends on the length of what is searched, not on how many texts there are.

/** A stretch of a text: from, and to where it no longer is. */
export type Span = [from: number, to: number];

/** A set of texts to find, all of them at least two units long. */
export class TextMatcher {
  readonly texts: readonly string[];
  /** The node after a node and a unit; node 0 is the begin. */
  readonly #next = new Map<number, number>();
  /** Of each node: the longest end of its text that begins a text. */
  readonly #fail: number[] = [0];
  /** Of each node: the length of its text, and of the longest text it ends. */
  readonly #depth: number[] = [0];
  readonly #found: number[] = [0];
  /** Of each node: whether a longer text goes on from it. */
  readonly #goesOn: boolean[] = [true];
  /** Whether a text may begin with a pair of units. */
  readonly #begins = new Uint8Array(0x10000);

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
          this.#goesOn.push(false);
          this.#goesOn[node] = true;
          this.#fail.push(0);
          units.push(unit);
          parents.push(node);
        }
        node = next;
      }
      this.#found[node] = text.length;
      this.#begins[pairOf(text, 0)] = 1;
    }
    this.#link(units, parents);
  }

  /** All stretches that are texts; those that touch or overlap are one. */
  find(text: string): Span[] {
    const spans: Span[] = [];
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      if (node === 0) {
        while (i < text.length - 1 && !this.#begins[pairOf(text, i)]) i++;
      }
      node = this.#step(node, text.charCodeAt(i));
      const length = this.#found[node]!;
      if (length > 0) join(spans, i + 1 - length, i + 1);
    }
    return spans;
  }

  /** The length of the longest end of the text that may become one of ours. */
  unfinished(text: string): number {
    let node = 0;
    for (let i = 0; i < text.length; i++) {
      if (node === 0) {
        while (i < text.length - 1 && !this.#begins[pairOf(text, i)]) i++;
      }
      node = this.#step(node, text.charCodeAt(i));
    }
    // One that is whole need not wait, but for others that begin in it.
    while (!this.#goesOn[node]) node = this.#fail[node]!;
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

  /** Nodes of shorter texts first: a node's link leads to one of them. */
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

/** Adds a stretch whose end is not before those of the others. */
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
