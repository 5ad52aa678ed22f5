// Settings that many hosts have in common are kept once: routes are kept for every
// host of a run, and most of what they say is the same for all.

/** More different settings than this are kept as they come. */
const MAX_KNOWN = 1_000;

/** Settings by their text. */
export class SharedSettings {
  readonly #known = new Map<string, unknown>();

  /** The first settings that say the same; `settings` itself where they are new. */
  of<T extends object | undefined>(settings: T): T {
    if (settings === undefined) return settings;
    const text = JSON.stringify(
      settings,
      (_, value) => value === undefined ? null : value,
    );
    const known = this.#known.get(text);
    if (known !== undefined) return known as T;
    if (this.#known.size < MAX_KNOWN) this.#known.set(text, settings);
    return settings;
  }
}
