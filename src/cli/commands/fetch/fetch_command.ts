// Declares `ftl fetch SRC DIR`.
import type { Command } from "commander";
import type { CommandHost } from "../command.ts";
import type { FetchOptions } from "./fetch_handler.ts";
import { addOptions, type Row } from "../../options/add_options.ts";
import { byteCount } from "../../options/option_values.ts";
import { onHostsTables, TRANSFER_ROWS } from "../../options/option_tables.ts";

const FETCH_ROWS: readonly Row[] = [
  { flags: "-p, --preserve", help: "keep permissions and times" },
  {
    flags: "--max-size <size>",
    help: "accept at most this much from one host: 500K, 20M, 4G",
    parse: byteCount,
    default: "10G",
  },
];

/** Adds `ftl fetch`. */
export function addFetch(program: Command, { context, action }: CommandHost) {
  const command = program.command("fetch")
    .summary("copy a file or folder from the chosen hosts")
    .description(
      "Copies a file or folder from each chosen host to DIR/HOST/ on this " +
        "machine, under its own name; SRC/ copies the contents of a folder. " +
        "Files that are already up to date are not sent again. A host can " +
        "write only to its own folder. The hosts need no Python.",
    )
    .argument(
      "<src>",
      "path on the hosts, relative to the login folder; ~ is HOME, and *, ? and " +
        "[…] match names, in quotes",
    )
    .argument(
      "<dir>",
      "folder on this machine that gets a folder for each host",
    )
    .addHelpText("after", EXAMPLES)
    .action(
      action(async (src: string, dest: string, options: FetchOptions) => {
        const { handleFetch } = await import("./fetch_handler.ts");
        return await handleFetch([src, dest], options, context);
      }),
    );
  addOptions(command, {
    "Files:": FETCH_ROWS,
    ...onHostsTables({ call: TRANSFER_ROWS }),
  });
}

const EXAMPLES = `
Examples:
  ftl fetch -i hosts.yml -l web /var/log/nginx/access.log logs
  ftl fetch -i hosts.yml -b /etc/ssh etc --preserve
  ftl fetch -i hosts.yml '~/.bashrc' bashrcs
  ftl fetch -i hosts.yml '/var/log/*/error.log' logs
`;
