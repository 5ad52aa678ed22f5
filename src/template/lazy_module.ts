// Modules that only some templates need: loaded at their first use.
import { Pending } from "./template_error.ts";

/** A module that is loaded when it is needed. */
export class LazyModule<T> {
  #loaded: T | undefined;

  constructor(private readonly load: () => Promise<T>) {}

  /**
   * The module.
   *
   * @throws {Pending} until it is loaded.
   */
  get(): T {
    if (this.#loaded !== undefined) return this.#loaded;
    throw new Pending(this.load().then((module) => this.#loaded = module));
  }
}
