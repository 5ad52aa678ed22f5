// Values that must not be printed by accident, and encrypted values. None of them
// shows its content to JSON.stringify or to console.
import { hintOf, InventoryError, messageOf } from "../errors.ts";
import { formatPlace, type TextPlace } from "./text_place.ts";
import { Vault } from "./vault.ts";

/**
 * An inventory value that is encrypted with Ansible Vault: by itself (`!vault`),
 * or together with its file.
 */
export class VaultValue {
  readonly #ciphertext: string | undefined;
  readonly #read: () => Promise<unknown>;
  readonly #known: unknown;
  #plain: Promise<unknown> | undefined;

  private constructor(
    readonly place: TextPlace,
    { ciphertext, known }: { ciphertext?: string; known?: unknown },
    read: () => Promise<unknown>,
  ) {
    this.#known = known;
    this.#ciphertext = ciphertext;
    this.#read = read;
  }

  /** A value that is encrypted by itself; without a vault it cannot be read. */
  static encrypted(
    ciphertext: string,
    { vault = NO_VAULT, ...place }: TextPlace & { vault?: Vault | undefined },
  ): VaultValue {
    return new VaultValue(
      place,
      { ciphertext },
      () => vault.decrypt(ciphertext),
    );
  }

  /** A value of a file that was encrypted as a whole: text or another scalar. */
  static inFile(value: unknown, place: TextPlace): VaultValue {
    return new VaultValue(
      place,
      { known: value },
      () => Promise.resolve(value),
    );
  }

  /**
   * Decrypts the value, once. A value that is encrypted by itself is text.
   *
   * @param name The variable's name, for the error.
   * @throws {InventoryError} with file and line, when it cannot be decrypted.
   */
  async reveal(name: string): Promise<unknown> {
    this.#plain ??= this.#read();
    try {
      return await this.#plain;
    } catch (cause) {
      this.#plain = undefined; // a later call may ask for the password again
      const why = messageOf(cause);
      throw new InventoryError(
        `Cannot read ${name}: it is encrypted with Ansible Vault in ${
          formatPlace(this.place)
        }, and ${lowerFirst(why)}`,
        { hint: hintOf(cause), cause },
      );
    }
  }

  /** The value, if it is already decrypted. */
  get known(): unknown {
    return this.#known;
  }

  /** As Ansible writes it to JSON. */
  toJSON(): unknown {
    return this.#ciphertext === undefined
      ? MASKED
      : { __ansible_vault: this.#ciphertext };
  }
}

/** A vault without passwords. */
export const NO_VAULT = new Vault(() => Promise.resolve([]));
const MASKED = "********";

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Text marked `!unsafe`: its braces are never a template. */
export class UnsafeText {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** A password that is read when it is needed, and never printed. */
export class Secret {
  readonly #read: () => Promise<string | undefined>;
  readonly #plain: string | undefined;
  #text: Promise<string | undefined> | undefined;

  /** @param plain The text, if it is written without encryption or template. */
  constructor(read: () => Promise<string | undefined>, plain?: string) {
    this.#read = read;
    this.#plain = plain;
  }

  /** The password, if reading it needs neither a vault nor a template. */
  get plain(): string | undefined {
    return this.#plain;
  }

  /**
   * Reads the password; undefined when it turns out to be unset.
   *
   * @throws {InventoryError} when it cannot be decrypted or its template fails.
   */
  reveal(): Promise<string | undefined> {
    this.#text ??= this.#read().catch((error) => {
      this.#text = undefined;
      throw error;
    });
    return this.#text;
  }

  toString(): string {
    return MASKED;
  }

  toJSON(): string {
    return MASKED;
  }
}
