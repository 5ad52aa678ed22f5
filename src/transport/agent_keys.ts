// How many keys the user's agent has, asked directly: for that alone, ssh2 would
// take longer to load than the answer to come.

/** SSH_AGENTC_REQUEST_IDENTITIES and its answer (draft-ietf-sshm-ssh-agent). */
const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;

/** How long the agent may take. */
const ANSWER_MS = 3_000;

/**
 * Counts the keys of the agent behind a socket.
 *
 * @throws {Error} when nobody answers there, or not as an agent does.
 */
export async function countAgentKeys(socket: string): Promise<number> {
  const connection = await Deno.connect({ transport: "unix", path: socket });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () =>
      late.reject(new Error(`it has not answered in ${ANSWER_MS / 1000} s`)),
    ANSWER_MS,
  );
  try {
    return await Promise.race([ask(connection), late.promise]);
  } finally {
    clearTimeout(timer);
    connection.close();
  }
}

async function ask(connection: Deno.Conn): Promise<number> {
  await connection.write(new Uint8Array([0, 0, 0, 1, REQUEST_IDENTITIES]));
  // The length, the kind of answer, and the number of keys.
  const answer = new Uint8Array(9);
  for (let have = 0; have < answer.length;) {
    const read = await connection.read(answer.subarray(have));
    if (read === null) throw new Error("it closed the connection");
    have += read;
  }
  if (answer[4] !== IDENTITIES_ANSWER) {
    throw new Error("it does not answer as an agent does");
  }
  return new DataView(answer.buffer).getUint32(5);
}
