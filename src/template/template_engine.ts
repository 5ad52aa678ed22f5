// Renders templates: the entry to this folder.
import { LIBRARY } from "./template_library.ts";
import {
  knownNames,
  type Suggest,
  type TemplateLibrary,
} from "./run/library_types.ts";
import { Rendering, type RenderingOptions } from "./run/rendering.ts";
import { type Template, Templates } from "./run/template.ts";
import type { Syntax } from "./syntax/delimiters.ts";
import { readHeader } from "./syntax/header.ts";
import { Pending } from "./template_error.ts";
import type { Value } from "./values/template_value.ts";

/** What a rendering needs besides the library. */
export type RenderingWorld = Omit<RenderingOptions, "library">;

/** A library, and the templates that were parsed with it. */
export class TemplateEngine {
  readonly #library: TemplateLibrary;
  readonly #templates: Templates;

  /** @param more Filters and lookups that the engine lacks. */
  constructor(more: Partial<TemplateLibrary>, suggest: Suggest) {
    this.#library = {
      filters: new Map([...LIBRARY.filters, ...more.filters ?? []]),
      tests: new Map([...LIBRARY.tests, ...more.tests ?? []]),
      functions: new Map([...LIBRARY.functions, ...more.functions ?? []]),
      lookups: new Map([...LIBRARY.lookups, ...more.lookups ?? []]),
    };
    this.#templates = new Templates(knownNames(this.#library, suggest));
  }

  get library(): TemplateLibrary {
    return this.#library;
  }

  /**
   * Parses a template, with its `#jinja2:` header.
   *
   * @param options `file`: its name for errors.
   * @throws {TemplateSyntaxError} with its place.
   */
  parse(text: string, options: { file: string; syntax: Syntax }): Template {
    const { file } = options;
    const header = readHeader(text, options.syntax, file);
    return this.#templates.parse(header.text, { file, ...header });
  }

  /**
   * The text of a template; it ends with as many newlines as the template does.
   *
   * @throws {TemplateError} with its place.
   * @throws {Pending} while a value is being read.
   */
  text(template: Template, world: RenderingWorld): string {
    const rendering = new Rendering({ ...world, library: this.#library });
    return withNewlines(rendering.text(template), template);
  }

  /**
   * The value of a template that is one expression; the text of any other.
   *
   * @throws {TemplateError} with its place.
   * @throws {Pending} while a value is being read.
   */
  value(template: Template, world: RenderingWorld): Value {
    const rendering = new Rendering({ ...world, library: this.#library });
    const value = rendering.value(template);
    return typeof value === "string" ? withNewlines(value, template) : value;
  }
}

/** Ansible's `preserve_trailing_newlines`. */
function withNewlines(text: string, { source, syntax }: Template): string {
  const wanted = newlinesAtEnd(source.text);
  const missing = wanted - newlinesAtEnd(text);
  return missing > 0 ? text + syntax.newline_sequence.repeat(missing) : text;
}

function newlinesAtEnd(text: string): number {
  let end = text.length;
  while (end > 0 && text[end - 1] === "\n") end--;
  return text.length - end;
}

/** Repeats work until nothing that it needs is still being read. */
export async function settled<T>(work: () => T): Promise<T> {
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Pending)) throw error;
      await error.value;
    }
  }
}
