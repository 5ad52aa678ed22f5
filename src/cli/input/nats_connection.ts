// Connects to NATS with the credentials that its own tools use.
import { type NatsLink, openNats } from "../../core/nats/server/nats_link.ts";
import type { NatsRole } from "../../core/nats/server/nats_permissions.ts";
import type { Context } from "../commands/context.ts";
import { UsageError } from "../process/exit_code.ts";

/**
 * Connects to NATS.
 *
 * @param options `name`: what the server shows for the connection.
 * @throws {UsageError} when no server is named.
 * @throws {FtlError} when it cannot be used.
 */
export async function connectToNats(
  url: string | undefined,
  { name, role, context, onNote }: {
    name: string;
    /** What the account must be allowed. Default: nothing is asked for. */
    role?: NatsRole;
    context: Context;
    /** Called when the server is lost, and when it is back. */
    onNote?: (text: string) => void;
  },
): Promise<NatsLink> {
  if (url === undefined) {
    throw new UsageError("Cannot connect to NATS: no server is named", {
      hint: "Name it with --nats nats://HOST:4222, or set FTL_NATS",
    });
  }
  await context.prepareForHosts({ hasSessions: false });
  const value = (variable: string) => context.env(variable) || undefined;
  const credentials = {
    user: value("NATS_USER"),
    password: value("NATS_PASSWORD"),
    token: value("NATS_TOKEN"),
    creds: value("NATS_CREDS"),
    nkey: value("NATS_NKEY"),
    ca: value("NATS_CA"),
    cert: value("NATS_CERT"),
    key: value("NATS_KEY"),
  };
  for (const secret of [credentials.password, credentials.token]) {
    if (secret !== undefined) context.secrets.add(secret);
  }
  return await openNats({ url, credentials, name, role, onNote });
}
