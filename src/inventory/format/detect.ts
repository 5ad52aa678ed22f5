// Detects the language of a file: by its extension, otherwise by its first line
// with content. A wrong guess only leads to a less clear error.
import { extname } from "@std/path";
import type { TextFile } from "./inventory_text.ts";

/** The languages of inventory files. */
export type Language = "yaml" | "json" | "ini";

const BY_EXTENSION: Readonly<Record<string, Language>> = {
  ".yml": "yaml",
  ".yaml": "yaml",
  ".json": "json",
  ".ini": "ini",
};

/** Detects the language of an inventory file. */
export function detectLanguage({ file, text }: TextFile): Language {
  return BY_EXTENSION[extname(file).toLowerCase()] ?? detectByContent(text);
}

function detectByContent(text: string): Language {
  const line = /^[ \t]*([^#;\s].*)$/m.exec(text)?.[1] ?? "";
  if (line.startsWith("{")) return "json";
  // A key and its colon; in INI a port follows the colon directly.
  return /^(?:---|%YAML\b|(?:"[^"]*"|'[^']*'|[^\s"'[{=][^\s=]*)\s*:(?:\s|$))/
      .test(line)
    ? "yaml"
    : "ini";
}
