// Templates that were parsed, kept so that thousands of hosts parse a text once.
import type { Syntax } from "../syntax/delimiters.ts";
import type { TemplateTree } from "../syntax/nodes.ts";
import { parseTemplate } from "../syntax/parse_template.ts";
import type { KnownNames } from "../syntax/known_names.ts";
import { Source } from "../syntax/source.ts";

/** A parsed template. */
export interface Template {
  readonly source: Source;
  readonly syntax: Syntax;
  readonly tree: TemplateTree;
}

/** How many templates are kept. */
const MAX_KEPT = 2_000;

/** Parses templates, each once. */
export class Templates {
  readonly #known: KnownNames;
  readonly #kept = new Map<Syntax, Map<string, Template>>();

  constructor(known: KnownNames) {
    this.#known = known;
  }

  /**
   * Parses a template.
   *
   * @param file Its name for errors.
   * @param firstLine The line of its file at which the text starts.
   * @throws {TemplateSyntaxError} with its place.
   */
  parse(
    text: string,
    { file, syntax, firstLine = 1 }: {
      file: string;
      syntax: Syntax;
      firstLine?: number;
    },
  ): Template {
    let kept = this.#kept.get(syntax);
    if (kept === undefined) this.#kept.set(syntax, kept = new Map());
    const key = `${file}\0${firstLine}\0${text}`;
    let template = kept.get(key);
    if (template === undefined) {
      const source = new Source(
        file,
        text.replace(/\r\n?/g, "\n"),
        firstLine,
      );
      const tree = parseTemplate(source, { syntax, known: this.#known });
      template = { source, syntax, tree };
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, template);
    }
    return template;
  }
}
