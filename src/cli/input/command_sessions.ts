// The sessions that a command may use, and the one that it leaves its hosts to.
import {
  findSessions,
  type OwnHello,
} from "../../core/session/find_sessions.ts";
import type { SessionPool } from "../../core/session/session_pool.ts";
import { childEnvironment } from "../../core/workers/child_environment.ts";
import type { Context } from "../commands/context.ts";
import { warningText } from "../process/exit_code.ts";
import { buildId, ownProgram } from "../process/own_program.ts";
import { VERSION } from "../process/version.ts";

/** Which sessions a command uses. */
export interface CliSessionOptions {
  /** Leave the hosts open for this many seconds without use. */
  keep?: number;
  /** The session to leave them to; the command fails without it. Default: `default`. */
  session?: string;
  askPass?: boolean;
  verbose?: number;
}

/** The sessions for the hosts of a command; undefined without any. */
export async function sessionsFor(
  options: CliSessionOptions,
  context: Context,
): Promise<SessionPool | undefined> {
  const { keep, session, verbose } = options;
  return await findSessions(
    await clientHello(options, context),
    keep === undefined ? undefined : {
      name: session,
      idleMs: keep * 1000,
      program: programOfSessions(),
      isOptional: session === undefined,
    },
    {
      onUnusable(name, why) {
        if (!verbose) return;
        context.err(
          warningText(
            `Not using the session ${name}: ${why}. Connecting directly`,
          ),
        );
      },
      onNotKept: (why) =>
        context.err(warningText(`Nothing is kept open: ${why}`)),
    },
  );
}

/** What a client says about itself; without a fleet nothing can be asked. */
export async function clientHello(
  { askPass = false }: CliSessionOptions,
  context: Pick<Context, "canAsk" | "env">,
): Promise<OwnHello> {
  const { canAsk } = context;
  return {
    ftl: VERSION,
    build: await buildId(),
    agentSocket: context.env("SSH_AUTH_SOCK") ?? "",
    asks: { passphrase: canAsk, answer: canAsk, alone: askPass },
  };
}

function programOfSessions() {
  const { path, args, env } = ownProgram();
  return { path, args, env: { ...childEnvironment(), ...env } };
}
