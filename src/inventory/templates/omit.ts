/** The value of `omit`, which leaves an argument out: `{{ x | default(omit) }}`. */
export const OMIT = "__omit_place_holder__ftl";
