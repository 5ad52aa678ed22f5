// Terms and options of lookups, by Ansible's own Templar and by ftl's engine.
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { inFolder } from "../support/in_folder.ts";
import { assertRenderedAlike } from "../support/rendered_templates.ts";

const need = needAnsible();

/** Files below DIR/, by their names. */
const FILES: Readonly<Record<string, string>> = {
  "f.txt": "  text \n",
  "p/a.txt": "1",
  "q/b.txt": "2",
  "marks.j2": "[[ 1 + 1 ]] {{ x | default('none') }}[# no #]{# yes #}\n",
  "undefined.j2": "{{ nope }}",
  "hosts.csv":
    `name,"a ""b"" c",last\n\n"two words",x"y"z,\nweb1,"1\n2",3\r\n` +
    `web1,4,5\nshort\n`,
  "ansible.tsv": "k\tv\tw\n",
};

/** What both make text of. */
const EXPRESSIONS = [
  "lookup('template', 'DIR/marks.j2')",
  "lookup('template', 'DIR/marks.j2', template_vars={'x': 5})",
  "lookup('template', 'DIR/marks.j2', variable_start_string='[[', variable_end_string=']]')",
  "lookup('template', 'DIR/marks.j2', comment_start_string='[#', comment_end_string='#]')",
  "lookup('template', 'DIR/marks.j2', variable_start_string='')",
  "lookup('template', 'DIR/undefined.j2')",
  "lookup('template', 'DIR/undefined.j2', errors='ignore') ~ '|'",
  "lookup('file', 'DIR/none', errors='ignore') ~ '|'",
  "query('vars', 'nope', errors='ignore')",
  "query('subelements', [{'n': 'a', 'g': [1, 2], 'z': 1}], 'g')",
  "query('subelements', [{'n': 'a', 'g': {'h': [1, 2], 'i': 3}}], 'g.h')",
  "query('subelements', {'k': {'n': 'a', 'g': [1, 2]}}, 'g')",
  "query('subelements', [{'g': [1]}, {'skipped': true}, {'skipped': false, 'g': [2]}], 'g')",
  "query('subelements', [{'a': {'g': [1]}, 'b': 2}, {'b': 3}], 'a.g', {'skip_missing': true})",
  "query('subelements', [{'g': none}], 'g', {'skip_missing': true})",
  "query('subelements', [{'g': []}], 'g')",
  "query('subelements', [5], 'g')",
  "query('first_found', {'files': 'DIR/none,DIR/f.txt'})",
  "query('first_found', {'files': 'none,f.txt', 'paths': 'DIR'})",
  "query('first_found', {'files': ['b.txt', 'a.txt'], 'paths': ['DIR/p', 'DIR/q']})",
  "query('first_found', {'files': 'b.txt;a.txt', 'paths': 'DIR/none:DIR/q;DIR/p'})",
  "query('first_found', {'files': 'DIR/f.txt', 'paths': 'DIR/p'})",
  "query('first_found', ['DIR/none', {'files': ['f.txt'], 'paths': ['DIR']}])",
  "query('first_found', 'DIR/none', files='DIR/f.txt')",
  "query('first_found', 'DIR/none,DIR/f.txt')",
  "query('first_found', ['DIR/none'], {'files': 'none', 'skip': true})",
  "query('first_found', {'files': 'none', 'skip': true}, ['DIR/none'])",
  "query('first_found', {'files': 'none', 'skip': true}, 'DIR/none', skip=true)",
  "query('first_found', [5])",
  "query('first_found')",
  "lookup('random_choice', ['a'])",
  "query('random_choice', 'a')",
  ...[
    "'name'",
    "'name', col=2",
    "'name', col='-1'",
    "'name', col=3",
    "'name', col='x'",
    "'two words'",
    "'two words', col=2",
    "'web1'",
    "'web1', 'name', col=2",
    "'nope'",
    "'nope', default='d'",
    "'nope', default=none",
    "'short'",
    "''",
    "'name col=2'",
    "'two words col=2'",
  ].flatMap((options) => [
    `query('csvfile', ${options}, file='DIR/hosts.csv', delimiter=',')`,
    `lookup('csvfile', ${options}, file='DIR/hosts.csv', delimiter=',') ~ '|'`,
  ]),
  "query('csvfile', 'k', file='DIR/ansible.tsv')",
  "query('csvfile', 'k file=DIR/ansible.tsv delimiter=TAB col=2')",
  `query('csvfile', 'k file="DIR/ansible.tsv"')`,
  "query('csvfile', 'k', file='DIR/ansible.tsv', delimiter=';;')",
  "query('csvfile', 'k', file='DIR/none.csv')",
];

Deno.test({
  name:
    `terms and options of lookups mean what they mean to Ansible${need.suffix}`,
  ignore: need.ignore,
  fn: () =>
    inFolder(async (dir) => {
      for (const folder of ["p", "q"]) await Deno.mkdir(join(dir, folder));
      for (const [name, text] of Object.entries(FILES)) {
        await Deno.writeTextFile(join(dir, name), text);
      }
      await assertRenderedAlike(need, dir, EXPRESSIONS);
    }),
});
