// What expressions ask of a rendering: variables, functions, filters and tests.
import { TemplateError } from "../template_error.ts";
import { bindArguments } from "../values/bind_arguments.ts";
import { Bounds } from "../values/bounds.ts";
import {
  Callable,
  type CallArguments,
  Undefined,
  type Value,
} from "../values/template_value.ts";
import type { Evaluation } from "./evaluate.ts";
import { shortName, type TemplateLibrary } from "./library_types.ts";
import {
  type ControllerAccess,
  type FileRendering,
  NO_ARGUMENTS,
  type TemplateVariables,
} from "./services.ts";

/** What expressions are evaluated with. */
export interface ExpressionOptions {
  readonly library: TemplateLibrary;
  readonly variables: TemplateVariables;
  readonly controller: ControllerAccess;
  /** Shared by renderings inside each other. */
  readonly bounds?: Bounds;
  renderText(text: string, about: string): Value;
  renderFile(path: string, text: string, options: FileRendering): string;
}

/** Evaluates names, filters and tests. */
export class ExpressionContext implements Evaluation {
  readonly bounds: Bounds;
  offset = 0;
  /** False inside an import without context. */
  protected seesVariables = true;
  readonly #options: ExpressionOptions;

  constructor(options: ExpressionOptions) {
    this.#options = options;
    this.bounds = options.bounds ?? new Bounds();
  }

  get variables(): TemplateVariables {
    return this.#options.variables;
  }

  get controller(): ControllerAccess {
    return this.#options.controller;
  }

  filter(
    name: string,
    value: Value,
    args: CallArguments = NO_ARGUMENTS,
  ): Value {
    const filter = this.#options.library.filters.get(shortName(name));
    if (filter === undefined) {
      throw new TemplateError(`unknown filter '${name}'`);
    }
    const [parameters, apply] = filter;
    const bound = bindArguments(name, parameters, args);
    return this.bounds.made(apply(value, bound, this));
  }

  test(
    name: string,
    value: Value,
    args: CallArguments = NO_ARGUMENTS,
  ): boolean {
    const test = this.#options.library.tests.get(shortName(name));
    if (test === undefined) throw new TemplateError(`unknown test '${name}'`);
    const [parameters, holds] = test;
    return holds(value, bindArguments(name, parameters, args), this);
  }

  hasFilter(name: string): boolean {
    return this.#options.library.filters.has(shortName(name));
  }

  hasTest(name: string): boolean {
    return this.#options.library.tests.has(shortName(name));
  }

  lookup(
    name: string,
    terms: readonly Value[],
    options: ReadonlyMap<string, Value>,
  ): Value[] | undefined {
    const lookup = this.#options.library.lookups.get(shortName(name));
    return lookup?.(terms, options, this);
  }

  render(text: string, about: string): Value {
    return this.#options.renderText(text, about);
  }

  renderFile(path: string, text: string, options: FileRendering): string {
    return this.#options.renderFile(path, text, options);
  }

  global(name: string): Value {
    const value = this.seesVariables
      ? this.#options.variables.get(name)
      : undefined;
    if (value !== undefined) return value;
    const found = this.#options.library.functions.get(name);
    if (found === undefined) return new Undefined(`'${name}' is undefined`);
    const [parameters, call] = found;
    return new Callable(
      name,
      (args) => call(bindArguments(name, parameters, args), this),
    );
  }
}
