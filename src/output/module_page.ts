// Formats a module's documentation: wrapped to the terminal's width, without
// Ansible's markup, and with a command that calls the module.
import type {
  Parameter,
  ReturnValue,
} from "../gate/modules/ansible_documentation.ts";
import type { ModuleDocumentation } from "../gate/modules/module_documentation.ts";
import { ACTIONS } from "../core/actions/registry.ts";
import { escapeLine, escapeText } from "./escape.ts";
import { createStyle, type Style } from "./style.ts";
import { widthOf } from "./width.ts";

/** Options of `documentationText()`. */
export interface DocumentationOptions {
  /** Default: false. */
  readonly color?: boolean;
  /** In columns. Default: 80. */
  readonly width?: number;
  /** The command before the example call. Default: `ftl run`. */
  readonly command?: string;
}

const KINDS: Record<ModuleDocumentation["kind"], string> = {
  new: "an Ansible module",
  native: "a native module",
  json: "takes its arguments as JSON",
  old: "takes its arguments as KEY=VALUE",
  script: "a script",
  binary: "a binary",
  action: "an Ansible action",
  powershell: "a PowerShell module, which ftl does not run",
};

const MIN_WIDTH = 40;
const MAX_WIDTH = 100;

/** Formats a module's documentation as text. */
export function documentationText(
  doc: ModuleDocumentation,
  options: DocumentationOptions = {},
): string {
  const style = createStyle(options.color ?? false);
  const columns = options.width ?? 80;
  const width = Math.min(Math.max(columns, MIN_WIDTH), MAX_WIDTH);
  const page = new Page(width, style);
  const summary = doc.summary === "" ? "" : `: ${plain(doc.summary)}`;
  page.wrap(`${doc.name}${summary}`, { style: style.bold });
  page.wrap(`${doc.path}, ${KINDS[doc.kind]}`, { style: style.dim });
  if (!doc.isDocumented) {
    page.gap();
    page.wrap("It has no documentation that ftl can read.");
  }
  const { instead } = ACTIONS.get(doc.fullName ?? "") ?? {};
  if (instead !== undefined) {
    page.gap();
    page.wrap(`ftl does not run it. ${instead}`, { style: style.warning });
  }
  if (doc.deprecated !== undefined) {
    page.gap();
    page.wrap(`Deprecated: ${plain(doc.deprecated)}`, { style: style.warning });
  }
  page.paragraphs(doc.description);
  page.section("PARAMETERS", doc.parameters, (each) => parameter(page, each));
  page.section(
    "SUPPORTS",
    Object.entries(doc.attributes),
    ([name, support]) => page.wrap(`${name}: ${support}`, { indent: 2 }),
  );
  page.section("REQUIREMENTS", doc.requirements, (each) => page.item(each));
  page.section("NOTES", doc.notes, (each) => page.item(each));
  page.section("RETURNS", doc.returns, (each) => returnValue(page, each));
  if (doc.examples !== undefined) {
    page.section(
      "EXAMPLES (PLAYBOOK)",
      [doc.examples],
      (each) => page.verbatim(each),
    );
  }
  const { command = "ftl run" } = options;
  const snippet = `${command} ${snippetOf(doc)}`.trimStart();
  if (instead === undefined && doc.kind !== "powershell") {
    page.section("EXAMPLE CALL", [snippet], (each) => page.verbatim(each));
  }
  return page.text;
}

/** Returns a call with the module's required arguments. */
export function snippetOf(
  { name, parameters }: Pick<ModuleDocumentation, "name" | "parameters">,
): string {
  const isShown = (each: Parameter) =>
    each.isRequired || (each.name === "state" && each.default !== undefined);
  const words = parameters.filter(isShown).map((each) => {
    const value = each.default ?? each.choices[0] ?? each.name.toUpperCase();
    return `${each.name}=${value}`;
  });
  const isFreeForm = parameters.some((each) => each.name === "free_form");
  return [name, ...isFreeForm ? ["COMMAND"] : words].join(" ");
}

/** Converts Ansible's markup to plain text (docs.ansible.com, "Linking and markup"). */
export function plain(text: string): string {
  return text
    .replace(
      /\b[LR]\(([^,)]+),\s*([^)]+)\)/g,
      (_, label, target) =>
        /^https?:/.test(target) ? `${label} (${target})` : label,
    )
    .replace(/\bP\(([^#)]+)#[^)]*\)/g, "$1")
    .replace(
      /\b(?:RV|[ICBMUOVE])\(((?:\\.|[^)\\])*)\)/g,
      (_, inner) => inner.replace(/\\(.)/g, "$1"),
    )
    .replace(/\bHORIZONTALLINE\b/g, "---");
}

function parameter(page: Page, each: Parameter, indent = 2): void {
  const type = each.elements ? `${each.type} of ${each.elements}` : each.type;
  const facts = [
    each.isRequired ? `${type}, required` : type,
    ...each.choices.length > 0 ? [`one of ${each.choices.join(", ")}`] : [],
    ...each.default === undefined ? [] : [`default ${inline(each.default)}`],
    ...each.aliases.length > 0 ? [`also ${each.aliases.join(", ")}`] : [],
  ];
  page.wrap(`${each.name} (${facts.join("; ")})`, { indent });
  for (const text of each.description) {
    page.wrap(plain(text), { indent: indent + 4 });
  }
  for (const inner of each.parameters) parameter(page, inner, indent + 4);
}

function returnValue(page: Page, each: ReturnValue, indent = 2): void {
  const facts = [each.type, each.returned].filter((text) => text !== "");
  page.wrap(`${each.name} (${facts.join("; ")})`, { indent });
  for (const text of each.description) {
    page.wrap(plain(text), { indent: indent + 4 });
  }
  for (const inner of each.values) returnValue(page, inner, indent + 4);
}

function inline(value: unknown): string {
  return typeof value === "string" ? value || '""' : JSON.stringify(value);
}

/** A page that grows line by line; all its text is escaped. */
class Page {
  text = "";
  readonly #width: number;
  readonly #style: Style;

  constructor(width: number, style: Style) {
    this.#width = width;
    this.#style = style;
  }

  gap(): void {
    this.text += "\n";
  }

  section<T>(heading: string, items: readonly T[], show: (item: T) => void) {
    if (items.length === 0) return;
    this.gap();
    this.text += this.#style.bold(heading) + "\n";
    for (const item of items) show(item);
  }

  paragraphs(texts: readonly string[]): void {
    if (texts.length === 0) return;
    this.gap();
    for (const text of texts) this.wrap(plain(text), { indent: 2 });
  }

  item(text: string): void {
    this.wrap(`- ${plain(text)}`, { indent: 2, hang: 2 });
  }

  verbatim(text: string): void {
    for (const line of escapeText(text).split("\n")) {
      this.text += line === "" ? "\n" : `  ${line}\n`;
    }
  }

  wrap(
    text: string,
    { indent = 0, hang = 0, style = (line: string) => line }: {
      indent?: number;
      hang?: number;
      style?: (line: string) => string;
    } = {},
  ): void {
    let lead = " ".repeat(indent);
    let line = "";
    const end = () => {
      this.text += `${lead}${style(line)}\n`;
      lead = " ".repeat(indent + hang);
      line = "";
    };
    for (
      const word of escapeLine(text.replace(/\s+/g, " ").trim()).split(" ")
    ) {
      const isFull = line !== "" &&
        lead.length + widthOf(line) + 1 + widthOf(word) > this.#width;
      if (isFull) end();
      line += line === "" ? word : ` ${word}`;
    }
    end();
  }
}
