// Which filters, tests and lookups there are.

/** The names that a template may use, to find unknown ones before it runs. */
export interface KnownNames {
  /** @returns Why it cannot be used; undefined when it can. */
  filter(name: string): string | undefined;
  test(name: string): string | undefined;
  lookup(name: string): string | undefined;
}
