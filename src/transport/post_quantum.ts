// Tells key exchanges that withstand a quantum computer from the others: what is
// recorded today could be read by one later. ftl's own client has none of them.

/** Whether a key exchange, or each of a comma list, is post-quantum. */
export function isPostQuantum(names: string): boolean {
  return algorithmsIn(names)
    .every((name) => /^(sntrup|mlkem|kyber)/.test(name));
}

/** The algorithms in a list of SSH, without names that announce extensions. */
export function algorithmsIn(list: string): string[] {
  return list.split(",")
    .filter((name) => !/^(ext-info|kex-strict)-/.test(name));
}
