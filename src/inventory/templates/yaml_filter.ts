// from_yaml, with the reader of inventories.
import { LazyModule } from "../../template/lazy_module.ts";
import type { Filter } from "../../template/run/library_types.ts";
import { TemplateError } from "../../template/template_error.ts";
import { fromJson } from "../../template/values/from_json.ts";
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
  from_yaml: ["", (value) => {
    if (typeof value !== "string") return value;
    const { parsePlainYaml, parseYaml } = yaml.get();
    const file = { file: "the text of from_yaml", text: value };
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
  }],
};
