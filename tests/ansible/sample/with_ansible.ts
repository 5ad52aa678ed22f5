// Makes the calls of the sample with Ansible: one run of ansible-playbook, with one
// play for each module.
import { join } from "@std/path";
import type { SampleCall } from "./calls.ts";

/**
 * Returns what each call gave, by host.
 *
 * @param home of the user and of the playbook.
 * @param interpreters by host.
 * @throws {Error} with what Ansible printed, when it gives no results.
 */
export async function callWithAnsible(
  calls: readonly SampleCall[],
  { home, interpreters }: {
    home: string;
    interpreters: ReadonlyMap<string, string>;
  },
): Promise<Map<string, unknown>> {
  const hosts = calls.map(({ host, args, check, diff }) => [host, {
    ansible_connection: "local",
    ansible_python_interpreter: interpreters.get(host),
    // Told as a variable, an argument keeps its type.
    sample_args: args,
    sample_check: check,
    sample_diff: diff,
  }]);
  const plays = [...Map.groupBy(calls, ({ module }) => module)]
    .map(([module, calls]) => ({
      hosts: calls.map(({ host }) => host),
      gather_facts: false,
      tasks: [{
        [module]: null,
        args: "{{ sample_args }}",
        check_mode: "{{ sample_check }}",
        diff: "{{ sample_diff }}",
        ignore_errors: true,
      }],
    }));
  // JSON is YAML.
  const inventory = { all: { hosts: Object.fromEntries(hosts) } };
  await Deno.writeTextFile(join(home, "hosts.yml"), JSON.stringify(inventory));
  await Deno.writeTextFile(join(home, "play.yml"), JSON.stringify(plays));
  await Deno.writeTextFile(join(home, "ansible.cfg"), "");
  const { stdout, stderr } = await new Deno.Command("ansible-playbook", {
    args: ["-i", join(home, "hosts.yml"), join(home, "play.yml")],
    clearEnv: true,
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      HOME: home,
      LC_ALL: "C.UTF-8",
      ANSIBLE_CONFIG: join(home, "ansible.cfg"),
      ANSIBLE_STDOUT_CALLBACK: "json",
      ANSIBLE_PIPELINING: "1",
      ANSIBLE_FORKS: "4",
    },
    stdin: "null",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!text.includes("{")) {
    throw new Error(text + new TextDecoder().decode(stderr));
  }
  const document = JSON.parse(text.slice(text.indexOf("{")));
  const results = new Map<string, unknown>();
  for (const { tasks } of document.plays) {
    for (const [host, result] of Object.entries(tasks[0].hosts)) {
      results.set(host, result);
    }
  }
  return results;
}
