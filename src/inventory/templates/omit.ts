/**
 * The value of `omit`, which leaves an argument out: `{{ x | default(omit) }}`. No
 * host can know it, and so leave out arguments by a fact.
 */
export const OMIT = `__omit_place_holder__${crypto.randomUUID()}`;
