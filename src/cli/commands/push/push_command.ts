// Declares `ftl push SRC DEST`.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import type { PushOptions } from "./push_handler.ts";
import { addOptions, type Row } from "../../options/add_options.ts";
import { onHostsTables, TRANSFER_ROWS } from "../../options/option_tables.ts";
import { CALL_ROWS } from "../../options/options.ts";

const PUSH_ROWS: readonly Row[] = [
  {
    flags: "--mode <octal>",
    help: "permissions of the files (default: their own, minus the umask)",
  },
  { flags: "--owner <name>", help: "make this user the owner" },
  { flags: "--group <name>", help: "make this group the owner" },
  { flags: "-p, --preserve", help: "keep permissions and times" },
  { flags: "--parents", help: "create missing folders above DEST" },
  {
    flags: "--delete",
    help: "remove what the pushed folder has on a host and SRC lacks",
  },
];

/** Adds `ftl push`. */
export function addPush(program: Command, { context, action }: CommandHost) {
  const command = program.command("push")
    .summary("copy a file or folder to the chosen hosts")
    .description(
      "Copies a file or folder from this machine to the chosen hosts. A folder " +
        "goes into DEST under its own name; SRC/ copies its contents. A file " +
        "goes into DEST if that is a folder or ends with a slash. Files that " +
        "are already up to date are not sent again. The hosts need no Python.",
    )
    .argument("<src>", "file or folder on this machine")
    .argument(
      "<dest>",
      "path on the hosts, relative to the login folder; ~ is HOME",
    )
    .addHelpText("after", EXAMPLES)
    .action(
      action(async (src: string, dest: string, options: PushOptions) => {
        const { handlePush } = await import("./push_handler.ts");
        return await handlePush([src, dest], options, context);
      }),
    );
  addOptions(command, {
    "Files:": PUSH_ROWS,
    ...onHostsTables({
      call: [
        ...TRANSFER_ROWS,
        ...CALL_ROWS.filter(({ flags }) => flags.startsWith("-D")),
      ],
    }),
  });
}

const EXAMPLES = `
Examples:
  ftl push -i hosts.yml -l web nginx.conf /etc/nginx/ --mode 0644
  ftl push -i hosts.yml site/ /srv/www --preserve
  ftl push -i hosts.yml site/ /srv/www --delete --check --diff
  ftl push -i hosts.yml -b app.tar.gz /opt/app/new.tar.gz --owner app --parents
`;
