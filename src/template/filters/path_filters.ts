// Filters of paths, by the rules of Python's posixpath.
import { normalize, relative, resolve } from "@std/path";
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { itemsOf } from "../values/compare.ts";
import { toText } from "../values/printed_text.ts";
import { Tuple, typeNameOf, type Value } from "../values/template_value.ts";

function ofPath(change: (path: string) => Value): Filter {
  return ["", (value) => change(toText(value))];
}

function joinPaths(parts: readonly string[]): string {
  return parts.reduce((path, part) => {
    if (part.startsWith("/") || path === "") return part;
    return path.endsWith("/") ? path + part : `${path}/${part}`;
  }, "");
}

function splitExtension(path: string): Value {
  const [, stem, extension] = /^([^]*?[^/.][^/]*?)(\.[^./]*)$/.exec(path) ?? [];
  return Tuple.make(stem === undefined ? [path, ""] : [stem, extension!]);
}

/** The filters of this file. */
export const PATH_FILTERS: Readonly<Record<string, Filter>> = {
  basename: ofPath((path) => path.slice(path.lastIndexOf("/") + 1)),
  dirname: ofPath((path) => {
    const head = path.slice(0, path.lastIndexOf("/") + 1);
    return /^\/*$/.test(head) ? head : head.replace(/\/+$/, "");
  }),
  splitext: ofPath(splitExtension),
  path_join: ["", (value) => {
    if (typeof value === "string") return value;
    if (Array.isArray(value)) return joinPaths(value.map(toText));
    throw new TemplateError(
      `|path_join expects string or sequence, got ${
        typeNameOf(value)
      } instead.`,
    );
  }],
  normpath: ofPath((path) => normalize(path).replace(/(?<=.)\/$/, "")),
  relpath: ["start?", (value, { args }) => {
    const start = args.start === undefined ? "." : toText(args.start);
    return relative(resolve(start), resolve(toText(value))) || ".";
  }],
  commonpath: ["", (value) => {
    const paths = itemsOf(value).map((path) => toText(path).split("/"));
    const [first = [], ...others] = paths;
    let count = 0;
    while (
      count < first.length &&
      others.every((path) => path[count] === first[count])
    ) count++;
    return first.slice(0, count).join("/") || (first[0] === "" ? "/" : "");
  }],
  realpath: ofPath((path) => {
    try {
      return Deno.realPathSync(path);
    } catch {
      return resolve(path);
    }
  }),
  expanduser: ["", (value, _, { controller }) => {
    const home = controller.env("HOME");
    const path = toText(value);
    return home === undefined ? path : path.replace(/^~(?=\/|$)/, home);
  }],
  expandvars: ["", (value, _, { controller }) =>
    toText(value).replace(
      /\$(?:(\w+)|\{([^}]*)\})/g,
      (whole, plain, braced) => controller.env(plain ?? braced) ?? whole,
    )],
  win_basename: ofPath((path) => path.replace(/^[^]*[\\/]/, "")),
  win_dirname: ofPath((path) => path.replace(/[\\/]+[^\\/]*$/, "")),
  win_splitdrive: ofPath((path) => {
    const [, drive = "", rest = ""] = /^([A-Za-z]:)?([^]*)$/.exec(path)!;
    return Tuple.make([drive, rest]);
  }),
};
