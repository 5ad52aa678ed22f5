// The lookup first_found: the first of some files of this machine that exists, tried in
// the order of Ansible's: each folder with all names, then the next folder.
import { TemplateError } from "../template_error.ts";
import type { Lookup } from "../run/library_types.ts";
import { isOn } from "../values/boolean_option.ts";
import { toText } from "../values/printed_text.ts";
import { Dict, type Value } from "../values/template_value.ts";

type Options = ReadonlyMap<string, Value>;

/**
 * The options `files`, `paths` and `skip` are those of the lookup, for terms that are
 * names, or those of a term that is a mapping. The last term decides whether it is
 * no error that there is none.
 */
export const firstFound: Lookup = (terms, options, { controller }) => {
  const searches = terms.length === 0
    ? [searchOf(undefined, options)]
    : terms.flat().map((term) =>
      term instanceof Dict
        ? searchOf(undefined, optionsOf(term))
        : searchOf(nameOf(term), options)
    );
  for (const path of searches.flatMap(({ paths }) => paths)) {
    const found = controller.locate(path, "files");
    if (found !== undefined) return [found];
  }
  if (searches.at(-1)?.skips) return [];
  throw new TemplateError("No file was found when using first_found");
};

/** What one term looks for; its own name only where no option names files. */
function searchOf(name: string | undefined, options: Options) {
  const files = split(options.get("files") ?? [], /[,;]/);
  const folders = split(options.get("paths") ?? [], /[,:;]/);
  const names = files.length > 0 || name === undefined ? files : [name];
  const paths = folders.length > 0
    ? folders.flatMap((folder) => names.map((each) => join(folder, each)))
    : names;
  return { paths, skips: isOn(options.get("skip") ?? false) };
}

function split(value: Value, separator: RegExp): string[] {
  return Array.isArray(value)
    ? value.flatMap((each) => split(each, separator))
    : toText(value).split(separator).filter((part) => part !== "");
}

/** As `os.path.join()` of Python does. */
function join(folder: string, name: string): string {
  return name.startsWith("/") ? name : `${folder.replace(/\/$/, "")}/${name}`;
}

function optionsOf(term: Dict): Options {
  return new Map(term.entries().map(([key, value]) => [toText(key), value]));
}

function nameOf(term: Value): string {
  if (typeof term === "string") return term;
  throw new TemplateError(
    `first_found takes names and mappings, not ${toText(term)}`,
  );
}
