// The process of a session. It has no terminal, prints one line about its start,
// and lives until its session ends.
import { environmentKey } from "../../core/session/session_pool.ts";
import { openSessionPlace } from "../../core/session/session_folder.ts";
import { runSession } from "../../core/session/session_server.ts";
import { messageOf } from "../../errors.ts";
import { closeInheritedFiles } from "./inherited_files.ts";
import { buildId } from "./own_program.ts";
import { prepareForHosts } from "./prepare_for_hosts.ts";
import { VERSION } from "./version.ts";

/** Runs a session; resolves to the exit status. */
export async function runSessionProcess(
  argv: readonly string[],
): Promise<number> {
  const [name = "", idle = ""] = argv;
  closeInheritedFiles();
  const end = new AbortController();
  Deno.addSignalListener("SIGTERM", () => end.abort());
  // A lost terminal or ^C concerns the commands that use the session.
  Deno.addSignalListener("SIGHUP", () => {});
  Deno.addSignalListener("SIGINT", () => {});
  try {
    const environment = await environmentKey();
    const place = await openSessionPlace(name);
    Deno.umask(0o077);
    Deno.chdir("/");
    prepareForHosts(argv, end.signal);
    const isOurs = await runSession({
      ...{ place, environment },
      ftl: VERSION,
      build: await buildId(),
      idleMs: Number(idle),
    }, { onReady: () => say("ready"), signal: end.signal });
    if (!isOurs) say("taken");
    return 0;
  } catch (error) {
    say(messageOf(error));
    return 1;
  }
}

/** Tells the command that started it. */
function say(line: string): void {
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
    Deno.stdout.close();
  } catch {
    // That command is gone.
  }
}
