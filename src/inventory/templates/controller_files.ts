// The files and the environment of this machine, as lookups and includes see them.
import { dirname, isAbsolute, join, resolve } from "@std/path";
import { messageOf } from "../../errors.ts";
import type { ControllerAccess } from "../../template/run/services.ts";
import { Pending, TemplateError } from "../../template/template_error.ts";
import { MAX_TEXT } from "../../template/values/bounds.ts";
import { isPasswordName } from "../password_name.ts";
import { NO_VAULT } from "../secret_value.ts";
import { isVaultText, type Vault } from "../vault.ts";

/** How files are found and read. */
export interface ControllerFilesOptions {
  /** The folders that are searched, in order. Default: the working folder. */
  readonly folders?: readonly string[];
  readonly vault?: Vault | undefined;
  /** Whether nothing of this machine may be read. Default: false. */
  readonly isSealed?: boolean | undefined;
  /** Called with each text that must not be shown. */
  readonly onSecret: (text: string) => void;
}

/** What encrypted files hold, by their encrypted texts. */
type Decrypted = Map<string, string>;

/** Files and environment of this machine. */
export class ControllerFiles implements ControllerAccess {
  readonly now = Date.now();
  readonly #options: ControllerFilesOptions;
  readonly #decrypted: Decrypted = new Map();

  constructor(options: ControllerFilesOptions) {
    this.#options = options;
  }

  env(name: string): string | undefined {
    this.#checkOpen();
    if (name === "" || /[=\0]/.test(name)) return undefined;
    const value = Deno.env.get(name);
    if (value !== undefined && isPasswordName(name)) {
      this.#options.onSecret(value);
    }
    return value;
  }

  random(below: number): number {
    const limit = 2 ** 32 - 2 ** 32 % below;
    for (;;) {
      const [number] = crypto.getRandomValues(new Uint32Array(1));
      if (number! < limit) return number! % below;
    }
  }

  locate(path: string, folder: string): string | undefined {
    this.#checkOpen();
    const { folders = ["."] } = this.#options;
    const places = isAbsolute(path)
      ? [path]
      : folders.flatMap((top) => [join(top, folder, path), join(top, path)]);
    return places.map((place) => resolve(place)).find(isFile);
  }

  readFile(path: string, folder: string): string | undefined {
    const found = this.locate(path, folder);
    return found === undefined ? undefined : this.read(found);
  }

  /** Reads a file, decrypted. */
  read(path: string): string {
    let text: string;
    try {
      if (Deno.statSync(path).size > MAX_TEXT) {
        throw new Error(`it has more than ${MAX_TEXT / 1024 / 1024} MiB`);
      }
      const bytes = Deno.readFileSync(path);
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (error) {
      const why = error instanceof TypeError
        ? "it is not text in UTF-8"
        : messageOf(error);
      throw new TemplateError(`cannot read ${path}: ${why}`);
    }
    return isVaultText(text) ? this.#decrypt(text, path) : text;
  }

  #decrypt(text: string, path: string): string {
    const plain = this.#decrypted.get(text);
    if (plain !== undefined) {
      this.#options.onSecret(plain);
      return plain;
    }
    const { vault = NO_VAULT } = this.#options;
    throw new Pending(
      vault.decrypt(text).then(
        (plain) => this.#decrypted.set(text, plain),
        (cause) => {
          throw new TemplateError(
            `cannot read ${path}: it is encrypted with Ansible Vault, and ${
              messageOf(cause)
            }`,
          );
        },
      ),
    );
  }

  keepPassword(path: string, make: () => string): string {
    this.#checkOpen();
    const password = this.#password(path, make);
    this.#options.onSecret(password);
    return password;
  }

  #checkOpen(): void {
    if (!this.#options.isSealed) return;
    throw new TemplateError(
      "text that a template made may be a host's, and may not read this machine",
    );
  }

  #password(path: string, make: () => string): string {
    if (path === "/dev/null") return make();
    const full = resolve(path);
    if (isFile(full)) {
      return this.read(full).replace(/\n$/, "").replace(/ salt=\S*$/, "");
    }
    const password = make();
    try {
      Deno.mkdirSync(dirname(full), { recursive: true, mode: 0o700 });
      Deno.writeTextFileSync(full, `${password}\n`, {
        createNew: true,
        mode: 0o600,
      });
    } catch (error) {
      throw new TemplateError(`cannot keep a password: ${messageOf(error)}`);
    }
    return password;
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // what cannot be looked at cannot be read
  }
}
