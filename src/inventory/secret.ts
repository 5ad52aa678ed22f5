// Values that must not be printed by accident, and values that cannot be read
// at all. Neither shows its content to JSON.stringify or to console.
import { InventoryError } from "../errors.ts";
import { formatPlace, type Place } from "./place.ts";

/** A value of an inventory that Ansible Vault has encrypted (`!vault`). */
export class VaultValue {
  constructor(readonly ciphertext: string, readonly place: Place) {}

  /** The error for needing this value: its variable's name completes the text. */
  error(needed: string): InventoryError {
    return new InventoryError(
      `Cannot read ${needed}: it is encrypted with Ansible Vault in ${
        formatPlace(this.place)
      }`,
      { hint: "Give the password that it was encrypted with." },
    );
  }

  /** As Ansible writes it to JSON. */
  toJSON(): unknown {
    return { __ansible_vault: this.ciphertext };
  }
}

/** Text marked `!unsafe`: braces in it are braces, never a template. */
export class UnsafeText {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** A password, or the reason why there is none; shown only by `reveal`. */
export class Secret {
  readonly #reveal: () => string;

  constructor(reveal: () => string) {
    this.#reveal = reveal;
  }

  /**
   * Gives the password.
   *
   * @throws {InventoryError} when it is encrypted or its template fails.
   */
  reveal(): string {
    return this.#reveal();
  }

  toString(): string {
    return "********";
  }

  toJSON(): string {
    return "********";
  }
}
