// INI inventories: `[group]`, `[group:children]`, `[group:vars]` and host lines
// with variables (Ansible's ini plugin).
import type { DraftGroup, InventoryDraft } from "../build/draft.ts";
import { errorAt, type TextPlace } from "../text_place.ts";
import { expandHosts } from "./address.ts";
import { readPythonValue } from "./python_literal.ts";
import { splitIniWords } from "./ini_words.ts";
import type { TextFile } from "./inventory_text.ts";

type Section = "hosts" | "children" | "vars";

/**
 * Reads an INI inventory into a draft.
 *
 * @throws {InventoryError} with the line.
 */
export function readIni({ text, file }: TextFile, draft: InventoryDraft): void {
  new IniReader(file, draft).read(text);
}

class IniReader {
  #group: DraftGroup;
  #section: Section = "hosts";
  /** Groups that only `:children` or `:vars` named so far, and where. */
  readonly #undeclared = new Map<
    DraftGroup,
    { place: TextPlace; section: string }
  >();

  constructor(
    private readonly file: string,
    private readonly draft: InventoryDraft,
  ) {
    this.#group = draft.ungrouped;
  }

  read(text: string): void {
    if (text.trim() === "") {
      this.draft.warn({ file: this.file, line: 0 }, "the file is empty");
    }
    let number = 0;
    for (const line of text.split(/\r\n|\r|\n/)) {
      number += 1;
      const content = line.trim();
      if (content === "" || /^[#;]/.test(content)) continue;
      const column = line.length - line.trimStart().length + 1;
      this.#readLine(content, { file: this.file, line: number, column });
    }
    for (const [group, { place, section }] of this.#undeclared) {
      throw errorAt(
        place,
        section === "vars"
          ? `[${group.name}:vars] is for a group that is not defined`
          : `[${section}:children] names the group ${group.name}, which is not defined`,
        { hint: `Add a section [${group.name}]` },
      );
    }
  }

  #readLine(content: string, place: TextPlace): void {
    if (
      /^\[.*\]\s*(?:#.*)?$/.test(content) && this.#readHeader(content, place)
    ) return;
    if (/^\[[\w.-]+(?::(?:vars|children))?$/.test(content)) {
      throw errorAt(place, `the section ${content} is not closed`, {
        hint: `Write ${content}]`,
      });
    }
    switch (this.#section) {
      case "hosts":
        return this.#readHost(content, place);
      case "children":
        return this.#readChild(content, place);
      case "vars":
        return this.#readVariable(content, place);
    }
  }

  /** Reads `[group]` or `[group:section]`; false for a host such as `[::1]`. */
  #readHeader(content: string, place: TextPlace): boolean {
    const match = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?$/.exec(content);
    const name = match?.[1];
    if (!match || name === undefined) {
      if (/^\[[0-9a-fA-F:.%]+\]/.test(content)) return false;
      throw errorAt(place, `${content} is not a section`, {
        hint: "Use [group], [group:vars] or [group:children], without spaces",
      });
    }
    const section = match[2] ?? "hosts";
    if (section !== "hosts" && section !== "children" && section !== "vars") {
      throw errorAt(place, `[${name}:${section}] is not a kind of section`, {
        hint: "Use [group], [group:vars] or [group:children]",
      });
    }
    const isNew = !this.draft.groups.has(name);
    this.#group = this.draft.group(name, place);
    this.#section = section;
    if (section !== "vars") this.#undeclared.delete(this.#group);
    else if (isNew) this.#undeclared.set(this.#group, { place, section });
    return true;
  }

  #readHost(content: string, place: TextPlace): void {
    const [written, ...assignments] = this.#split(content, place);
    if (written === undefined) return;
    if (/^[^[\]]*=/.test(written)) {
      throw errorAt(place, `expected a host, found ${written}`, {
        hint:
          `Put variables after a host's name, or into [${this.#group.name}:vars]`,
      });
    }
    if (/^-+$|^[^[\]]+:$/.test(written)) {
      throw errorAt(place, `expected a host, found ${written}`, {
        hint: "If this is YAML, name the file .yml",
      });
    }
    const variables = assignments.map((assignment) => {
      const { name, text } = splitAssignment(assignment, place);
      const value = readPythonValue(text);
      return { name, variable: { value, file: place.file, line: place.line } };
    });
    const { names, port } = expandHosts(written, place);
    for (const name of names) {
      const host = this.draft.host(name, this.#group, { ...place, port });
      for (const { name, variable } of variables) {
        this.draft.setHostVar(host, name, variable);
      }
    }
  }

  #split(content: string, place: TextPlace): string[] {
    try {
      return splitIniWords(content, { comments: true });
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw errorAt(place, cause.message, { cause });
    }
  }

  #readChild(content: string, place: TextPlace): void {
    const name = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(content)?.[1];
    if (name === undefined) {
      throw errorAt(place, `expected the name of a group, found ${content}`);
    }
    const isNew = !this.draft.groups.has(name);
    const child = this.draft.group(name, place);
    if (isNew) {
      this.#undeclared.set(child, { place, section: this.#group.name });
    }
    this.draft.addChild(this.#group, child, place);
  }

  #readVariable(content: string, place: TextPlace): void {
    const { name, text } = splitAssignment(content, place);
    const { file, line } = place;
    const value = readPythonValue(text.trim());
    this.draft.setGroupVar(this.#group, name.trim(), { value, file, line });
  }
}

function splitAssignment(
  written: string,
  place: TextPlace,
): { name: string; text: string } {
  const equals = written.indexOf("=");
  if (equals < 0) {
    throw errorAt(place, `expected name=value, found ${written}`, {
      hint: "Put a value with spaces in quotes",
    });
  }
  return { name: written.slice(0, equals), text: written.slice(equals + 1) };
}
