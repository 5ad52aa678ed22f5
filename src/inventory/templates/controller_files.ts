// The files and the environment of this machine, as lookups and includes see them.
import { basename, dirname, isAbsolute, join, resolve } from "@std/path";
import { startFolder } from "../../disk/start_folder.ts";
import { messageOf } from "../../errors.ts";
import type { ControllerAccess } from "../../template/run/services.ts";
import { Pending, TemplateError } from "../../template/template_error.ts";
import { MAX_TEXT } from "../../template/values/bounds.ts";
import { globToRegExp } from "../pattern/glob.ts";
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
  /**
   * What encrypted files hold, by their encrypted texts. It must outlive the
   * rendering: one that meets `Pending` starts again.
   */
  readonly decrypted: Map<string, string>;
  /** What commands printed in this rendering. It must outlive it, too. */
  readonly printed: Map<string, string>;
}

/** Files and environment of this machine. */
export class ControllerFiles implements ControllerAccess {
  readonly now = Date.now();
  readonly #options: ControllerFilesOptions;
  /** The texts of encrypted files. */
  readonly #hidden = new Set<string>();

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

  hidePart(text: string, part: string): void {
    if (this.#hidden.has(text)) this.#options.onSecret(part);
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
    const { vault = NO_VAULT, decrypted } = this.#options;
    const plain = decrypted.get(text);
    if (plain !== undefined) {
      this.#options.onSecret(plain);
      this.#hidden.add(plain);
      return plain;
    }
    throw new Pending(
      vault.decrypt(text).then(
        (plain) => decrypted.set(text, plain),
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

  glob(pattern: string, folder: string): string[] {
    this.#checkOpen();
    const { folders = ["."] } = this.#options;
    const top = dirname(pattern);
    const places = isAbsolute(pattern)
      ? [top]
      : folders.flatMap((each) => [join(each, folder, top), join(each, top)]);
    const name = globToRegExp(basename(pattern));
    for (const place of places.map((each) => resolve(each))) {
      const found = namesIn(place)
        .filter((each) => name.test(each) && isVisible(each, pattern))
        .map((each) => join(place, each)).filter(isFile).sort();
      if (found.length > 0) return found;
    }
    return [];
  }

  run(command: string): string {
    this.#checkOpen();
    const { printed } = this.#options;
    const text = printed.get(command);
    if (text !== undefined) return text;
    throw new Pending(
      printedBy(command).then((text) => printed.set(command, text)),
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

/** @throws {TemplateError} when the command fails. */
async function printedBy(command: string): Promise<string> {
  if (command.includes("\0")) {
    throw new TemplateError("the command of a lookup has a NUL character");
  }
  const { code, stdout } = await new Deno.Command("/bin/sh", {
    ...startFolder(),
    args: ["-c", command],
    stdin: "null",
    stderr: "inherit",
  }).output();
  if (stdout.length > MAX_TEXT) {
    throw new TemplateError(
      `the command '${command}' of a lookup printed more than ${
        MAX_TEXT / 1024 / 1024
      } MiB`,
    );
  }
  if (code === 0) return new TextDecoder().decode(stdout);
  throw new TemplateError(
    `the command '${command}' of a lookup ended with ${code}`,
  );
}

/** Names that start with a dot are found only by patterns that do. */
function isVisible(name: string, pattern: string): boolean {
  return !name.startsWith(".") || basename(pattern).startsWith(".");
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return []; // no file is found where none can be read
  }
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // what cannot be looked at cannot be read
  }
}
