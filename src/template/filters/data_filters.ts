// to_json, to_yaml, base64 and the like.
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import type { Bound } from "../values/bind_arguments.ts";
import { checkTextLength } from "../values/bounds.ts";
import { isTrue } from "../values/compare.ts";
import { toCount } from "../values/numbers.ts";
import { reprOf, toText } from "../values/printed_text.ts";
import type { Value } from "../values/template_value.ts";
import { type JsonStyle, readJson, writeJson } from "./json_text.ts";
import { writeYaml, type YamlStyle } from "./yaml_text.ts";

const JSON_OPTIONS =
  "indent? sort_keys? ensure_ascii? separators? skipkeys? allow_nan? " +
  "check_circular? vault_to_text? preprocess_unsafe? default?";

function jsonStyle(args: Bound, isNice: boolean): JsonStyle {
  const { indent = isNice ? 4n : null, separators } = args;
  const given = Array.isArray(separators) ? separators.map(toText) : undefined;
  const isIndented = indent !== null;
  const lead = typeof indent === "string"
    ? indent
    : isIndented
    ? " ".repeat(Math.min(1000, toCount(indent)))
    : undefined;
  return {
    indent: lead,
    sortsKeys: isTrue(args.sort_keys ?? isNice),
    separators: [given?.[0] ?? (isIndented ? "," : ", "), given?.[1] ?? ": "],
    isAscii: isTrue(args.ensure_ascii ?? true),
  };
}

const YAML_OPTIONS = "* indent? width? default_flow_style? sort_keys? " +
  "explicit_start? explicit_end? allow_unicode? default_style? line_break? " +
  "canonical? encoding? version? tags?";

function yamlStyle(args: Bound, isNice: boolean): YamlStyle {
  const flow = args.default_flow_style ?? (isNice ? false : null);
  const quotes = args.default_style ?? null;
  if (quotes !== null && quotes !== "'" && quotes !== '"') {
    throw new TemplateError(
      `default_style cannot be ${reprOf(quotes)} in ftl: use ' or "`,
    );
  }
  for (const name of ["canonical", "version", "tags"]) {
    if (isTrue(args[name] ?? null)) {
      throw new TemplateError(`YAML filters have no '${name}' in ftl`);
    }
  }
  return {
    flow: flow === null ? undefined : isTrue(flow),
    indent: toCount(args.indent ?? (isNice ? 4n : 2n)),
    width: widthOf(args.width),
    sortsKeys: isTrue(args.sort_keys ?? true),
    startsDocument: isTrue(args.explicit_start ?? false),
    endsDocument: isTrue(args.explicit_end ?? false),
    isAscii: !isTrue(args.allow_unicode ?? true),
    quotes: quotes ?? undefined,
  };
}

function widthOf(width: Value | undefined): number {
  if (width === undefined || width === null) return 80;
  return typeof width === "number" ? width : toCount(width);
}

/** UTF-8, or one of the encodings of one byte a character. */
function encode(text: string, encoding: Value | undefined): Uint8Array {
  const name = toText(encoding ?? "utf-8").toLowerCase().replace(/[-_]/g, "");
  if (name === "utf8") return new TextEncoder().encode(text);
  if (name === "utf16le") {
    const bytes = new Uint8Array(text.length * 2);
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      bytes.set([unit & 0xff, unit >> 8], 2 * at);
    }
    return bytes;
  }
  if (["ascii", "latin1", "iso88591"].includes(name)) {
    return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  }
  throw new TemplateError(`unknown encoding: ${toText(encoding!)}`);
}

function decode(bytes: Uint8Array, encoding: Value | undefined): string {
  const name = toText(encoding ?? "utf-8").toLowerCase().replace(/[-_]/g, "");
  if (["latin1", "iso88591"].includes(name)) {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }
  const label = name.replace(/^utf(?=\d)/, "utf-");
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label, { fatal: true, ignoreBOM: true });
  } catch {
    throw new TemplateError(`unknown encoding: ${toText(encoding!)}`);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new TemplateError(
      `the decoded bytes are not text in ${label.toUpperCase()}`,
    );
  }
}

/** The filters of this file. */
export const DATA_FILTERS: Readonly<Record<string, Filter>> = {
  to_json: [
    `* ${JSON_OPTIONS}`,
    (value, { args }) => writeJson(value, jsonStyle(args, false)),
  ],
  to_nice_json: [
    JSON_OPTIONS.replace("ensure", "* ensure"),
    (value, { args }) =>
      writeJson(value, jsonStyle({ ...args, separators: [",", ": "] }, true)),
  ],
  tojson: ["indent?", (value, { args }) => {
    const text = writeJson(value, {
      ...jsonStyle(args, false),
      sortsKeys: true,
      separators: [args.indent === undefined ? ", " : ",", ": "],
    });
    const marks: Readonly<Record<string, string>> = {
      "<": "\\u003c",
      ">": "\\u003e",
      "&": "\\u0026",
      "'": "\\u0027",
    };
    return text.replace(/[<>&']/g, (mark) => marks[mark]!);
  }],
  from_json: ["", (value) => readJson(toText(value))],
  to_yaml: [
    YAML_OPTIONS,
    (value, { args }) => writeYaml(value, yamlStyle(args, false)),
  ],
  to_nice_yaml: [
    `indent? ${YAML_OPTIONS.replace("indent? ", "")}`,
    (value, { args }) => writeYaml(value, yamlStyle(args, true)),
  ],
  b64encode: ["encoding?", (value, { args }) => {
    const text = toText(value);
    checkTextLength(text.length * 2);
    return encode(text, args.encoding).toBase64();
  }],
  b64decode: ["encoding?", (value, { args }) => {
    let bytes: Uint8Array;
    try {
      bytes = Uint8Array.fromBase64(toText(value).replace(/[^\w+/=]/g, ""));
    } catch {
      throw new TemplateError("b64decode: the text is not base64");
    }
    return decode(bytes, args.encoding);
  }],
};
