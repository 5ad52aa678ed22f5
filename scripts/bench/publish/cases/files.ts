// Files to hosts: a large one to one host, and many small ones to some.
import { join } from "@std/path";
import { compareOnHosts, type Contender } from "../compare_programs.ts";
import type { Lab } from "../lab.ts";
import type { ResultCase } from "../results.ts";

/** A file that does not compress. */
export async function fileCase(lab: Lab): Promise<ResultCase> {
  const { fleet, folder, sizes, flags } = lab;
  const { address, home, name: host } = fleet.hosts[0]!;
  const src = join(folder, "large");
  await run(
    "dd",
    "if=/dev/urandom",
    `of=${src}`,
    "bs=1M",
    `count=${sizes.fileMib}`,
    "status=none",
  );
  const dest = join(home, "large");
  const reset = () => remove(dest);
  const words = lab.sshOptions();
  const push = lab.ftl("file", "push", ...flags, "-l", host, src, dest);
  const contenders: Contender[] = [
    {
      program: "ftl",
      command: "ftl push FILE DEST",
      ...push,
      reset,
    },
    {
      program: "ssh",
      command: "ssh HOST 'cat > DEST' < FILE",
      argv: [
        "bash",
        "-c",
        `exec ssh ${words.join(" ")} ${address} 'cat > ${dest}' < ${src}`,
      ],
      reset,
    },
    {
      program: "scp",
      command: "scp FILE HOST:DEST",
      argv: ["scp", "-q", ...scpOptions(words), src, `${address}:${dest}`],
      reset,
    },
    {
      program: "Ansible",
      command: "ansible HOST -m copy",
      ...await lab.ansible(
        { name: "file-ansible" },
        ...["all", "-i", fleet.inventory, "--limit", host, "-m", "copy"],
        ...["-a", `src=${src} dest=${dest}`],
      ),
      reset: async (controller) => {
        await controller.endAll();
        await reset();
      },
    },
  ];
  return await compareOnHosts(lab, {
    id: "file",
    title: `A file of ${sizes.fileMib} MiB to one host`,
    about: "Random bytes. ftl and Ansible compare checksums before and after.",
  }, contenders);
}

/** A folder of small files. */
export async function filesCase(lab: Lab): Promise<ResultCase> {
  const { fleet, folder, sizes, flags } = lab;
  const src = join(folder, "small");
  for (let i = 0; i < sizes.files; i++) {
    const below = join(src, String(i % 10));
    await Deno.mkdir(below, { recursive: true });
    await Deno.writeTextFile(join(below, `${i}.conf`), `setting = ${i}\n`);
  }
  const few = `fleet[0:${sizes.few - 1}]`;
  const hosts = fleet.hosts.slice(0, sizes.few);
  const reset = async () => {
    for (const { home } of hosts) await remove(join(home, "small"));
  };
  const options = scpOptions(lab.sshOptions()).join(" ");
  const contenders: Contender[] = [
    {
      program: "ftl",
      command: "ftl push FOLDER DEST",
      ...lab.ftl("files", "push", ...flags, "-l", few, src, "~"),
      reset,
    },
    {
      program: "scp, all at once",
      command: "scp -r FOLDER HOST:DEST & …",
      argv: [
        ...["bash", "-c"],
        hosts.map(({ address, home }) =>
          `scp -q -r ${options} ${src} ${address}:${home}/ &`
        ).join("") + "wait",
      ],
      reset,
    },
    {
      program: "Ansible",
      command: "ansible all -m copy",
      ...await lab.ansible(
        { name: "files-ansible" },
        ...["all", "-i", fleet.inventory, "--limit", few, "-m", "copy"],
        ...["-a", `src=${src} dest=~/`],
      ),
      reset: async (controller) => {
        await controller.endAll();
        await reset();
      },
    },
  ];
  return await compareOnHosts(lab, {
    id: "files",
    title: `${sizes.files} small files to ${sizes.few} hosts`,
    about: "A folder with ten folders in it.",
  }, contenders);
}

/** scp names the port and the user in other ways. */
function scpOptions(words: readonly string[]): string[] {
  const port = words.indexOf("-p");
  const user = words.indexOf("-l");
  return words.map((word, i) =>
    i === port
      ? "-P"
      : i === user
      ? "-o"
      : i === user + 1
      ? `User=${word}`
      : word
  );
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

async function run(program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`Cannot run ${program} ${args.join(" ")}`);
}
