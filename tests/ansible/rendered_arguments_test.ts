// Lines with `{{ }}` as people type them to `ansible`, made with Ansible and with
// ftl for hosts of two groups: debug shows what each host's argument became.
import { assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { needAnsible } from "../support/ansible.ts";
import { createAccount } from "../support/ftl.ts";

const need = needAnsible();
const INVENTORY = fromFileUrl(
  new URL("../fixtures/templates/hosts.yml", import.meta.url),
);
const HOSTS = ["w1", "d1.example.com"];

/** Values of `msg`. Those that are one expression keep their type. */
const LINES = [
  "{{ port }}",
  "{{ inventory_hostname }}",
  "port {{ port }} of {{ inventory_hostname }}",
  "{{ port + 1 }}!",
  "{{ users }}",
  "{{ app.env }}",
  "{{ users | map(attribute='name') | list }}",
  "{{ users | map(attribute='name') | join(',') }}",
  "{{ groups['web'] }}",
  "{{ groups['all'] | length }} hosts",
  "{{ hostvars['w2'].port }} there",
  "{{ hostvars['w2']['url'] }}",
  "{{ url }}",
  "{{ url_map }}",
  "{{ native_list }}",
  "{{ literal }}",
  "{{ group_names | first }}",
  "{{ 'web' in group_names }}",
  "{{ nginx.http.sendfile | upper }}",
  "{{ nope | default('none') }}",
  "{{ relay | default('no relay') }}",
  "{{ (port == 8080) | ternary('web', 'db') }}",
  "{% if role == 'web' %}yes{% else %}no{% endif %}",
  "{% for h in groups['all'] %}{{ h }};{% endfor %}",
  "{{ app.name | regex_replace('(\\w+) (\\w+)', '\\2-\\1') }}",
  "{{ app.bin | basename }}:{{ app.bin | dirname }}",
  "{{ 'a' ~ port ~ 'b' }}",
  "{{ big }} is big",
  "{{ ver is version('1.9', '>') }}",
  "{{ role | hash('md5') }}",
  "{{ [1, 2, 3] | sum }} in all",
  "{{ {'a': port} }}",
  "{{ [port, role, none, true] }}",
  "{{ app.env | dict2items }}",
  "{{ app.env | combine({'x': 1}) }}",
  "{{ cidr | ansible.utils.ipaddr('network') }}",
  "{{ lookup('vars', 'role') }}",
  "{{ '%03d' | format(7) }}.",
  "{{ dns.servers[0] }}",
  "{{ sites | selectattr('ssl', 'defined') | map(attribute='names') | flatten }}",
  "no template at all",
  "{# a remark #}kept",
];

Deno.test({
  name: `arguments become what ansible makes of them${need.suffix}`,
  ignore: need.ignore,
  fn: async () => {
    await using account = await createAccount();
    const { home } = account;
    const playbook = join(home, "play.yml");
    await Deno.writeTextFile(
      playbook,
      JSON.stringify([{
        hosts: HOSTS.join(","),
        gather_facts: false,
        tasks: LINES.map((msg) => ({ debug: { msg } })),
      }]),
    );
    const theirs = await runLines(playbook, home);
    const lines = LINES.map((msg) => `debug ${JSON.stringify({ msg })}\n`);
    const script = join(home, "lines.txt");
    await Deno.writeTextFile(script, lines.join(""));
    const { stdout } = await account.ftl([
      ...["console", "-i", INVENTORY, "-l", HOSTS.join(":")],
      ...["-M", need.modules, "--script", script, "--format", "ndjson"],
    ]);
    const results = stdout.trim().split("\n").map((line) => JSON.parse(line))
      .filter(({ event }) => event === "result");
    for (const [at, msg] of LINES.entries()) {
      for (const host of HOSTS) {
        const ours = results.filter((each) => each.host === host)[at];
        assertEquals(
          { msg, host, value: ours?.result?.msg },
          { msg, host, value: theirs[at]![host] },
        );
      }
    }
  },
});

/** What each task of a playbook showed on each host. */
async function runLines(
  playbook: string,
  home: string,
): Promise<Record<string, unknown>[]> {
  const { stdout, stderr } = await new Deno.Command("ansible-playbook", {
    args: ["-i", INVENTORY, playbook],
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: home,
      LC_ALL: "C.UTF-8",
      ANSIBLE_STDOUT_CALLBACK: "json",
    },
    clearEnv: true,
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!text.includes("{")) throw new Error(new TextDecoder().decode(stderr));
  const { plays } = JSON.parse(text.slice(text.indexOf("{")));
  return plays[0].tasks.map(
    ({ hosts }: { hosts: Record<string, { msg: unknown }> }) =>
      Object.fromEntries(
        Object.entries(hosts).map(([host, { msg }]) => [host, msg]),
      ),
  );
}
