// Lists the keys of the user's agent without ssh2, which takes longer to load than
// the agent to answer.
import { within } from "../async/deadline.ts";
import { Fields } from "./openssh/mux_packet.ts";

/** SSH_AGENTC_REQUEST_IDENTITIES and its answer (draft-ietf-sshm-ssh-agent). */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;

/** The longest answer of an agent. */
const MAX_BYTES = 256 * 1024;

const NO_AGENT = "it does not answer like an agent";

/** How long the agent may take. */
const ANSWER_MS = 3_000;

/**
 * The types of the keys of the agent behind a socket.
 *
 * @throws {Error} when no agent answers there.
 */
export async function agentKeyTypes(socket: string): Promise<string[]> {
  // An agent that has stopped accepts no connection either.
  const connecting = Deno.connect({ transport: "unix", path: socket });
  try {
    const answer = connecting.then(ask);
    const types = await within(answer, { ms: ANSWER_MS, instead: undefined });
    if (types !== undefined) return types;
    answer.catch(() => {}); // it fails when the connection is closed below
    throw new Error(`it did not answer within ${ANSWER_MS / 1000} s`);
  } finally {
    connecting.then((connection) => connection.close(), () => {});
  }
}

async function ask(connection: Deno.Conn): Promise<string[]> {
  await connection.write(new Uint8Array([0, 0, 0, 1, REQUEST_IDENTITIES]));
  const length = new Fields(await readExactly(connection, 4)).number();
  if (length > MAX_BYTES) throw new Error(NO_AGENT);
  const answer = new Fields(await readExactly(connection, length));
  try {
    if (answer.byte() !== IDENTITIES_ANSWER) throw new Error(NO_AGENT);
    const count = answer.number();
    const types: string[] = [];
    while (types.length < count) {
      types.push(new Fields(answer.bytes()).text());
      answer.bytes(); // the comment
    }
    return types;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new Error(NO_AGENT, { cause });
  }
}

async function readExactly(
  connection: Deno.Conn,
  count: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let have = 0; have < count;) {
    const read = await connection.read(bytes.subarray(have));
    if (read === null) throw new Error("it closed the connection");
    have += read;
  }
  return bytes;
}
