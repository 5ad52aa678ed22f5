// Assigns values to what stands on the left of `=`.
import { orElse } from "../values/first_of.ts";
import type { AssignTarget } from "../syntax/nodes.ts";
import { TemplateError } from "../template_error.ts";
import { itemsOf } from "../values/compare.ts";
import type { Value } from "../values/template_value.ts";
import type { Frame } from "./name_frame.ts";
import { Namespace } from "./objects.ts";

/**
 * Assigns a value.
 *
 * @param options `global`: reads a name that no frame has.
 * @throws {TemplateError} when a value has another number of items than there are
 *   names, or an attribute belongs to something else than a namespace.
 */
export function assignTo(
  target: AssignTarget,
  value: Value,
  options: { frame: Frame; global: (name: string) => Value },
): undefined {
  const { frame, global } = options;
  switch (target.kind) {
    case "name":
      frame.set(target.name, value);
      return;
    case "member": {
      const owner = orElse(
        frame.get(target.name),
        () => global(target.name),
      );
      if (!(owner instanceof Namespace)) {
        throw new TemplateError(
          "cannot assign attribute on non-namespace object",
        );
      }
      owner.set(target.attribute, value);
      return;
    }
    case "tuple": {
      const items = itemsOf(value);
      if (items.length !== target.items.length) {
        throw new TemplateError(
          `cannot unpack ${items.length} values into ${target.items.length} names`,
        );
      }
      for (const [at, each] of target.items.entries()) {
        assignTo(each, items[at]!, options);
      }
    }
  }
}
