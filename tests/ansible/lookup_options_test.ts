// Options of the type boolean of lookups, by Ansible's own Templar and by ftl's engine.
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { inFolder } from "../support/in_folder.ts";
import { assertRenderedAlike } from "../support/rendered_templates.ts";

const need = needAnsible();

/** Words and numbers that are on, off, or neither. */
const VALUES = [
  ..."true false 1 0 1.0 2 none".split(" "),
  ...["yes", "no", "on", "off", "true", "false", "False", "1", "0", "y", "t"]
    .map((word) => `'${word}'`),
  ...["' On '", "'YES'", "'n'", "'f'", "''", "'2'", "'banana'"],
];

/** What is looked up, with an option in it; DIR/ stands for the folder of the files. */
const LOOKUPS = [
  "lookup('file', 'DIR/f.txt', rstrip=VALUE) ~ '|'",
  "lookup('file', 'DIR/f.txt', lstrip=VALUE) ~ '|'",
  "query('first_found', ['DIR/none'], skip=VALUE)",
  "query('first_found', {'files': ['DIR/none'], 'skip': VALUE})",
  "query('subelements', [{'g': [1]}, {'h': 2}], 'g', {'skip_missing': VALUE}) | map('last') | list",
  "query('ini', '.*', section='s', file='DIR/f.ini', re=VALUE)",
  "query('ini', 'lone', section='l', file='DIR/l.ini', allow_no_value=VALUE)",
];

Deno.test({
  name:
    `words in boolean options of lookups mean what they mean to Ansible${need.suffix}`,
  ignore: need.ignore,
  fn: () =>
    inFolder(async (dir) => {
      await Deno.writeTextFile(join(dir, "f.txt"), "  text \n");
      await Deno.writeTextFile(join(dir, "f.ini"), "[s]\na=1\nkey=%(a)s\n");
      await Deno.writeTextFile(join(dir, "l.ini"), "[l]\nlone\n");
      const expressions = LOOKUPS.flatMap((lookup) =>
        VALUES.map((value) => lookup.replace("VALUE", value))
      );
      await assertRenderedAlike(need, dir, expressions);
    }),
});
