// `??` for values: it must not take Python's None, which is null here, for absent.

/** The first that is not undefined. */
export function firstOf<T>(
  value: T | undefined,
  ...others: readonly (T | undefined)[]
): T | undefined {
  return value === undefined
    ? others.find((other) => other !== undefined)
    : value;
}

/** A value, or what a function makes when there is none. */
export function orElse<T, O>(value: T | undefined, make: () => O): T | O {
  return value === undefined ? make() : value;
}
