// from_yaml, with the reader of inventories.
import { LazyModule } from "../../template/lazy_module.ts";
import type { Filter } from "../../template/run/library_types.ts";
import { TemplateError } from "../../template/template_error.ts";
import { fromJson } from "../../template/values/from_json.ts";
import type { Value } from "../../template/values/template_value.ts";
import { formatPlace } from "../text_place.ts";
import type { FaultAt } from "../text_place.ts";

const yaml = new LazyModule(async () => {
  const [plain, whole] = await Promise.all([
    import("../format/yaml_plain.ts"),
    import("../format/yaml.ts"),
  ]);
  return { ...plain, ...whole };
});

const fault: FaultAt = (place, problem) =>
  Object.assign(new Error(`${formatPlace(place)}: ${problem}`), {
    isYamlFault: true,
  });

/** The filters of this file. */
export const YAML_FILTERS: Readonly<Record<string, Filter>> = {
  from_yaml: [
    "",
    (value) => typeof value === "string" ? readYaml(value, "from_yaml") : value,
  ],
  from_yaml_all: [
    "",
    (value) =>
      typeof value === "string"
        ? documentsOf(value).map((text) => readYaml(text, "from_yaml_all"))
        : value,
  ],
};

function readYaml(text: string, filter: string): Value {
  const { parsePlainYaml, parseYaml } = yaml.get();
  const file = { file: `the text of ${filter}`, text };
  const options = { fault, warn: () => {} };
  try {
    const node = parsePlainYaml(file, options) ?? parseYaml(file, options);
    return fromJson(node.value());
  } catch (error) {
    if (error instanceof Error && "isYamlFault" in error) {
      throw new TemplateError(error.message);
    }
    throw error;
  }
}

/** The documents of a YAML stream: no line within one starts like their marks. */
function documentsOf(text: string): string[] {
  const documents: string[] = [];
  let lines: string[] = [];
  let isStarted = false;
  const end = () => {
    const hasContent = lines.some((line) => /^\s*[^\s#%]/.test(line));
    if (isStarted || hasContent) documents.push(`${lines.join("\n")}\n`);
    lines = [];
    isStarted = false;
  };
  for (const line of text.split("\n")) {
    if (/^(?:---|\.\.\.)(?:\s|$)/.test(line)) end();
    isStarted ||= line.startsWith("---");
    if (!/^\.\.\.(?:\s|$)/.test(line)) lines.push(line);
  }
  if (lines.at(-1) === "") lines.pop();
  end();
  return documents;
}
