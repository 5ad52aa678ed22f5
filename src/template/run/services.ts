// What filters, tests and lookups may ask of the rendering that they are part of.
import type { Bounds } from "../values/bounds.ts";
import type { CallArguments, Value } from "../values/template_value.ts";

/** The variables that a template sees. */
export interface TemplateVariables {
  /**
   * The value of a variable, rendered; undefined when it is not set. May throw
   * `Pending`.
   */
  get(name: string): Value | undefined;
  names(): string[];
}

/** The world outside of a template. */
export interface ControllerAccess {
  /** Reads an environment variable of the controller. */
  env(name: string): string | undefined;
  /**
   * Reads a file of the controller as text; undefined when it does not exist. A
   * file that Ansible Vault encrypted is decrypted. May throw `Pending`.
   *
   * @param folder The subfolder where roles keep such files: `files`.
   */
  readFile(path: string, folder: string): string | undefined;
  /** Hides a part of what `readFile()` returned, if the file is encrypted. */
  hidePart(text: string, part: string): void;
  /** The path of a file of the controller; undefined when it does not exist. */
  locate(path: string, folder: string): string | undefined;
  /** The files whose names fit a pattern of the shell, sorted. */
  glob(pattern: string, folder: string): string[];
  /**
   * What a command of the shell prints, the same for one rendering. May throw
   * `Pending`.
   */
  run(command: string): string;
  /**
   * The password that a file of the controller holds; a new one is written to it
   * when it does not exist.
   */
  keepPassword(path: string, make: () => string): string;
  /** A random whole number from 0 to `below - 1`. */
  random(below: number): number;
  /** The time at which the rendering started, in ms since 1970. */
  readonly now: number;
}

/** How the text of a file is rendered. */
export interface FileRendering {
  /** Variables besides those of the template that it is rendered for. */
  readonly more: ReadonlyMap<string, Value>;
  /** What differs from the syntax of template files. */
  readonly syntax: Readonly<Record<string, string | boolean>>;
}

/** What a filter may use. */
export interface Services {
  readonly bounds: Bounds;
  readonly variables: TemplateVariables;
  readonly controller: ControllerAccess;
  filter(name: string, value: Value, args?: CallArguments): Value;
  test(name: string, value: Value, args?: CallArguments): boolean;
  hasFilter(name: string): boolean;
  hasTest(name: string): boolean;
  /** Finds something by a lookup; undefined when there is no such lookup. */
  lookup(
    name: string,
    terms: readonly Value[],
    options: ReadonlyMap<string, Value>,
  ): Value[] | undefined;
  /** Renders a text with the same variables. */
  render(text: string, about: string): Value;
  /** Renders the text of a file. */
  renderFile(path: string, text: string, options: FileRendering): string;
}

/** No arguments. */
export const NO_ARGUMENTS: CallArguments = {
  positional: [],
  named: new Map(),
};
