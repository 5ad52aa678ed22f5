// Reads where modules and module utils have moved: `plugin_routing` of a
// collection's meta/runtime.yml, and of ansible-core's
// config/ansible_builtin_runtime.yml.
import { BuildError } from "../../errors.ts";
import { readYaml } from "../../inventory/format/data_file.ts";
import type { ReadingOptions } from "../../inventory/format/document.ts";

/** The routing of one name. */
export interface ModuleRouting {
  /** The full name of its replacement. */
  readonly redirect?: string;
  /** The action plugin that Ansible runs instead of a module. */
  readonly action_plugin?: string;
  /** Set when it was removed. */
  readonly tombstone?: Notice;
  /** Set when it will be removed. */
  readonly deprecation?: Notice;
}

interface Notice {
  readonly removal_version?: string;
  readonly removal_date?: string;
  readonly warning_text?: string;
}

const READING: ReadingOptions = { warn: () => {} };

/** The part of a routing table for one kind of plugin. */
export type RoutingSection = "modules" | "module_utils" | "action";

/**
 * One routing file. Parsing all of one is slow (ansible-core's has 10 000 lines,
 * which take a third of a second) and few entries are needed: these are cut out
 * by their indentation, and only they are parsed.
 */
export class RoutingFile {
  readonly #text: string;
  readonly #path: string;
  readonly #sections = new Map<RoutingSection, string[]>();

  /** @param path The file's path, for errors. */
  constructor(text: string, path: string) {
    this.#text = text;
    this.#path = path;
  }

  /**
   * The routing of a name; undefined for a name without an entry.
   *
   * @throws {BuildError} when the entry is not YAML.
   */
  async find(
    name: string,
    section: RoutingSection,
  ): Promise<ModuleRouting | undefined> {
    const entry = cutEntry(this.#section(section), name);
    if (entry === undefined) return undefined;
    const text = entry.join("\n");
    try {
      const read = await readYaml({ file: this.#path, text }, READING);
      return read.kind === "map" ? read.value() as ModuleRouting : undefined;
    } catch (error) {
      throw new BuildError(
        `Cannot read ${this.#path}: the entry ${name} is not YAML`,
        { cause: error },
      );
    }
  }

  #section(section: RoutingSection): string[] {
    let lines = this.#sections.get(section);
    if (lines === undefined) {
      const all = this.#text.split(/\r?\n/);
      const routing = cutEntry(all, "plugin_routing") ?? [];
      this.#sections.set(section, lines = cutEntry(routing, section) ?? []);
    }
    return lines;
  }
}

/** The lines below `key:` in a block mapping. */
function cutEntry(lines: string[], key: string): string[] | undefined {
  const isBlank = (line: string) => /^\s*(?:#|$|---)/.test(line);
  const first = lines.find((line) => !isBlank(line));
  if (first === undefined) return undefined;
  const indent = depth(first);
  const start = lines.findIndex((line) =>
    depth(line) === indent && keyOf(line) === key
  );
  if (start === -1) return undefined;
  const inline = lines[start]!.slice(lines[start]!.indexOf(":") + 1);
  const length = lines.slice(start + 1).findIndex((line) =>
    !isBlank(line) && depth(line) <= indent
  );
  const body = lines.slice(
    start + 1,
    length === -1 ? undefined : start + 1 + length,
  );
  return /^\s*(?:#|$)/.test(inline) ? body : [inline, ...body];
}

function depth(line: string): number {
  return line.length - line.trimStart().length;
}

function keyOf(line: string): string | undefined {
  return /^\s*(["']?)([\w.]+)\1\s*:(?:\s|$)/.exec(line)?.[2];
}
