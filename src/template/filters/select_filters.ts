// map, select, reject, selectattr, rejectattr: they apply filters and tests.
import { TemplateError } from "../template_error.ts";
import type { Filter } from "../run/library_types.ts";
import { isTrue, itemsOf } from "../values/compare.ts";
import { memberByPath } from "../values/members.ts";
import { toText } from "../values/printed_text.ts";
import { Undefined, type Value } from "../values/template_value.ts";

const map: Filter = ["* **", (value, { rest, named }, services) => {
  const attribute = named.get("attribute");
  if (rest.length === 0 && attribute !== undefined) {
    const otherwise = named.get("default");
    return itemsOf(value).map((item) => {
      const member = memberByPath(item, attribute);
      return member instanceof Undefined && otherwise !== undefined
        ? otherwise
        : member;
    });
  }
  const [name, ...positional] = rest;
  if (name === undefined) {
    throw new TemplateError("map requires a filter argument");
  }
  return itemsOf(value).map((item) => {
    services.bounds.step();
    return services.filter(toText(name), item, { positional, named });
  });
}];

function selects(isWanted: boolean): Filter {
  return ["* **", (value, { rest, named }, services) => {
    const [name, ...positional] = rest;
    return itemsOf(value).filter((item) => {
      services.bounds.step();
      const holds = name === undefined
        ? isTrue(item)
        : services.test(toText(name), item, { positional, named });
      return holds === isWanted;
    });
  }];
}

function selectsBy(isWanted: boolean): Filter {
  return ["attribute * **", (value, { args, rest, named }, services) => {
    const [name, ...positional] = rest;
    return itemsOf(value).filter((item) => {
      services.bounds.step();
      const member: Value = memberByPath(item, args.attribute!);
      const holds = name === undefined
        ? isTrue(member)
        : services.test(toText(name), member, { positional, named });
      return holds === isWanted;
    });
  }];
}

/** The filters of this file. */
export const SELECT_FILTERS: Readonly<Record<string, Filter>> = {
  map,
  select: selects(true),
  reject: selects(false),
  selectattr: selectsBy(true),
  rejectattr: selectsBy(false),
};
