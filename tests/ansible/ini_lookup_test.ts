// The lookup ini, by Ansible's own Templar and by ftl's engine, on the same files.
import { assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { inFolder } from "../support/in_folder.ts";
import {
  assertRenderedAlike,
  renderedByFtl,
} from "../support/rendered_templates.ts";

const need = needAnsible();

const FILES: Readonly<Record<string, string>> = {
  "users.ini": `; a comment
[DEFAULT]
shell = /bin/sh
[integration]
user=Ann
User Name : ann smith
 and more
# a comment in between

   and a last line

[production]
  user = Bob = Robert
  home: /home/%(user)s
  both=%(home)s:%(shell)s 100%%
  empty =
  shell = /bin/zsh ; not a comment
[global]
key = gobal value
key.1=one
key.2=two\tthree
`,
  "user.properties": "user.name=Ann\n! not=a comment\nuser.home : /home/a\n",
  "mysql.ini": "[mysqld]\nskip-name-resolve\nport = 3306\nkey_buffer=\n",
  "case.ini": "[a]\nKey=1\nkey=2\n",
  "twice.ini": "[a]\nx=1\n[b]\ny=1\n[a]\nz=1\n",
  "nosection.ini": "x=1\n[a]\ny=1\n",
  "bad.ini": "[a]\nx=1\nwords alone\n",
  "nokey.ini": "[a]\n=1\n",
  "refs.ini":
    "[a]\nbad = 50% off\nself = %(self)s\nopen = %(x\nmissing=%(no)s\nUpper=u\nup=%(UPPER)s%(upper)s\nlate = %(a) s\n",
  "odd.ini":
    "[a b]]x\nk=1\n\n\n  \n\n[c]\nx = 1\n\n  two\n\n\n[d] tail\ny\t=\t2\r\n\tz = 3\n",
  "empty.ini": "",
  "ansible.ini": "[global]\nfrom = the default file\n",
};

/** What is looked up; DIR/ stands for the folder of the files. */
const LOOKUPS: readonly string[] = [
  "lookup('ini', 'user', section='integration', file='DIR/users.ini')",
  "lookup('ansible.builtin.ini', 'USER NAME', section='integration', file='DIR/users.ini')",
  "lookup('ini', 'user', section='production', file='DIR/users.ini')",
  "lookup('ini', 'both', section='production', file='DIR/users.ini')",
  "lookup('ini', 'shell', section='integration', file='DIR/users.ini')",
  "lookup('ini', 'shell', section='production', file='DIR/users.ini')",
  "lookup('ini', 'shell', section='DEFAULT', file='DIR/users.ini')",
  "lookup('ini', 'empty', section='production', file='DIR/users.ini') ~ '|'",
  "lookup('ini', 'nope', section='production', file='DIR/users.ini') ~ '|'",
  "lookup('ini', 'nope', section='production', file='DIR/users.ini', default='d')",
  "query('ini', 'nope', section='production', file='DIR/users.ini', default=5)",
  "query('ini', 'nope', section='production', file='DIR/users.ini', default=none)",
  "lookup('ini', 'user', section='nope', file='DIR/users.ini')",
  "lookup('ini', 'user', section='nope', file='DIR/users.ini', default='d')",
  "lookup('ini', 'key', file='DIR/users.ini')",
  "query('ini', 'key', 'key.1', file='DIR/users.ini')",
  "lookup('ini', 'key', 'key.1', file='DIR/users.ini')",
  "query('ini', 'key[.]', file='DIR/users.ini', re=true)",
  "query('ini', '.*', section='production', file='DIR/users.ini', re=True)",
  "query('ini', 'ser', section='production', file='DIR/users.ini', re='yes')",
  "query('ini', 'user', section='production', file='DIR/users.ini', re='no')",
  "query('ini', 'nope', file='DIR/users.ini', re=true)",
  "query('ini', 'x', section='nope', file='DIR/users.ini', re=true)",
  "lookup('ini', 'user.name', type='properties', file='DIR/user.properties')",
  "lookup('ini', 'user.home', type='properties', file='DIR/user.properties')",
  "lookup('ini', '! not', type='properties', file='DIR/user.properties')",
  "query('ini', 'user', type='properties', file='DIR/user.properties', re=true)",
  "lookup('ini', 'x', type='toml', file='DIR/user.properties')",
  "lookup('ini', 'port', section='mysqld', file='DIR/mysql.ini')",
  "lookup('ini', 'port', section='mysqld', file='DIR/mysql.ini', allow_no_value=true)",
  "query('ini', 'skip-name-resolve', section='mysqld', file='DIR/mysql.ini', allow_no_value=true)",
  "query('ini', 'skip-name-resolve', section='mysqld', file='DIR/mysql.ini', allow_none=true)",
  "query('ini', '.*', section='mysqld', file='DIR/mysql.ini', allow_no_value=true, re=true)",
  "query('ini', 'key_buffer', section='mysqld', file='DIR/mysql.ini', allow_no_value=true)",
  "lookup('ini', 'key', section='a', file='DIR/case.ini')",
  "lookup('ini', 'Key', section='a', file='DIR/case.ini', case_sensitive=true)",
  "lookup('ini', 'key', section='a', file='DIR/case.ini', case_sensitive=true)",
  "query('ini', 'KEY', section='a', file='DIR/case.ini', case_sensitive=true)",
  "lookup('ini', 'x', section='a', file='DIR/twice.ini')",
  "lookup('ini', 'y', section='a', file='DIR/nosection.ini')",
  "lookup('ini', 'x', section='a', file='DIR/bad.ini')",
  "lookup('ini', 'x', section='a', file='DIR/nokey.ini')",
  "lookup('ini', 'bad', section='a', file='DIR/refs.ini')",
  "lookup('ini', 'self', section='a', file='DIR/refs.ini')",
  "lookup('ini', 'open', section='a', file='DIR/refs.ini')",
  "lookup('ini', 'missing', section='a', file='DIR/refs.ini')",
  "lookup('ini', 'late', section='a', file='DIR/refs.ini')",
  "lookup('ini', 'up', section='a', file='DIR/refs.ini')",
  "lookup('ini', 'up', section='a', file='DIR/refs.ini', case_sensitive=true)",
  "lookup('ini', 'k', section='a b]', file='DIR/odd.ini')",
  "lookup('ini', 'x', section='c', file='DIR/odd.ini')",
  "lookup('ini', 'y', section='d', file='DIR/odd.ini')",
  "lookup('ini', 'z', section='d', file='DIR/odd.ini')",
  "lookup('ini', 'x', section='a', file='DIR/empty.ini')",
  "lookup('ini', 'x', section='a', file='DIR/none.ini')",
  "lookup('ini', 'x', section='a', file='DIR/none.ini', errors='ignore') == none",
  "lookup('ini', 'user section=integration file=DIR/users.ini')",
  "lookup('ini', 'user section=production file=DIR/users.ini re=true')",
  "lookup('ini', 'nope section=production file=DIR/users.ini default=a b')",
  "lookup('ini', 'user name section=integration file=DIR/users.ini')",
  "lookup('ini', 'section=production file=DIR/users.ini')",
  "lookup('ini', 'user a=b=c file=DIR/users.ini')",
  "lookup('ini', 'user.name type=properties file=DIR/user.properties')",
];

async function writeFiles(dir: string): Promise<void> {
  for (const [name, text] of Object.entries(FILES)) {
    await Deno.writeTextFile(join(dir, name), text);
  }
}

Deno.test({
  name: `lookup('ini') finds what Ansible's finds${need.suffix}`,
  ignore: need.ignore,
  fn: () =>
    inFolder(async (dir) => {
      await writeFiles(dir);
      await assertRenderedAlike(need, dir, LOOKUPS);
    }),
});

Deno.test("lookup('ini') names the file and line of what it cannot use, and fills in nothing on request", () =>
  inFolder(async (dir) => {
    await writeFiles(dir);
    for (
      const [lookup, says] of [
        ["'x', section='a', file='bad.ini'", /Cannot use bad\.ini: line 3: /],
        ["'x', section='a', file='twice.ini'", /line 5: the section 'a' is/],
        ["'x', section='a', file='case.ini'", /line 3: the option 'key' is/],
        ["'x', file='user.properties'", /line 1: it is in no section/],
        ["'x', section='nope', file='users.ini'", /no section 'nope'/],
        ["'x', file='none.ini'", /Cannot use none\.ini: there is no such file/],
        ["'x', encoding='utf-16'", /the encoding 'utf-16' is not UTF-8/],
        ["'x', fiel='users.ini'", /'fiel' is not a valid option/],
      ] as const
    ) {
      const [{ error = "" } = {}] = await renderedByFtl(dir, [
        `{{ lookup('ini', ${lookup}) }}`,
      ]) as { error?: string }[];
      assertMatch(error, says);
    }
    const raw = "section='a', file='refs.ini', interpolation=false";
    assertEquals(
      await renderedByFtl(dir, [
        "{{ lookup('ini', 'from') }}",
        `{{ lookup('ini', 'bad', ${raw}) }}`,
        `{{ query('ini', 'up', ${raw}, re=true) }}`,
      ]),
      [
        { text: "the default file" },
        { text: "50% off" },
        { text: "['u', '%(UPPER)s%(upper)s']" },
      ],
    );
  }));
