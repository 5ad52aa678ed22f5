// Values that must not be printed by accident, and values that cannot be read
// at all. Neither shows its content to JSON.stringify or to console.
import { InventoryError, messageOf } from "../errors.ts";
import { formatPlace, type TextPlace } from "./text_place.ts";
import { Vault } from "./vault.ts";

/**
 * A value of an inventory that Ansible Vault has encrypted: by itself (`!vault`),
 * or with the file that it stands in.
 */
export class VaultValue {
  readonly #ciphertext: string | undefined;
  readonly #read: () => Promise<string>;
  readonly #known: string | undefined;
  #plain: Promise<string> | undefined;

  private constructor(
    readonly place: TextPlace,
    { ciphertext, known }: { ciphertext?: string; known?: string },
    read: () => Promise<string>,
  ) {
    this.#known = known;
    this.#ciphertext = ciphertext;
    this.#read = read;
  }

  /** One that is encrypted by itself; without a vault nobody can read it. */
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

  /** One of a file that was encrypted as a whole. */
  static inFile(text: string, place: TextPlace): VaultValue {
    return new VaultValue(place, { known: text }, () => Promise.resolve(text));
  }

  /**
   * Decrypts it, once.
   *
   * @param needed its variable's name, for the error.
   * @throws {InventoryError} naming file and line, when it cannot be read.
   */
  async reveal(needed: string): Promise<string> {
    this.#plain ??= this.#read();
    try {
      return await this.#plain;
    } catch (cause) {
      this.#plain = undefined; // the password may be asked for again
      const why = messageOf(cause);
      throw new InventoryError(
        `Cannot read ${needed}: it is encrypted with Ansible Vault in ${
          formatPlace(this.place)
        }, and ${lowerFirst(why)}`,
        { hint: VAULT_HINT, cause },
      );
    }
  }

  /** The text, where it had to be decrypted already. */
  get known(): string | undefined {
    return this.#known;
  }

  /** As Ansible writes it to JSON. */
  toJSON(): unknown {
    return this.#ciphertext === undefined
      ? BLOT
      : { __ansible_vault: this.#ciphertext };
  }
}

/** What to do about something that is encrypted. */
export const VAULT_HINT =
  "Give the password that it was encrypted with: `vault`";

const NO_VAULT = new Vault(() => Promise.resolve([]));
const BLOT = "********";

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
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

/** A password that is read when somebody needs it, and shown by nothing else. */
export class Secret {
  readonly #read: () => Promise<string | undefined>;
  readonly #plain: string | undefined;
  #text: Promise<string | undefined> | undefined;

  /** @param plain The text, where it stands there for everybody to read. */
  constructor(read: () => Promise<string | undefined>, plain?: string) {
    this.#read = read;
    this.#plain = plain;
  }

  /** The password, where reading it takes no vault and no template. */
  get plain(): string | undefined {
    return this.#plain;
  }

  /**
   * Gives the password; undefined when there is none after all.
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
    return BLOT;
  }

  toJSON(): string {
    return BLOT;
  }
}
