// json_query: a query in JMESPath.
import { LazyModule } from "../lazy_module.ts";
import { TemplateError } from "../template_error.ts";
import { messageOf } from "../../errors.ts";
import type { Filter } from "../run/library_types.ts";
import { fromJson, toJson } from "../values/from_json.ts";
import { toText } from "../values/printed_text.ts";

const jmespath = new LazyModule(() => import("@jmespath-community/jmespath"));

/** The filters of this file. */
export const QUERY_FILTERS: Readonly<Record<string, Filter>> = {
  json_query: ["expr", (value, { args }) => {
    const { search } = jmespath.get();
    const data = JSON.parse(JSON.stringify(toJson(value)));
    try {
      return fromJson(search(data, toText(args.expr!)));
    } catch (error) {
      throw new TemplateError(`json_query: ${messageOf(error)}`);
    }
  }],
};
