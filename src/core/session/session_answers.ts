// Answers the questions of one session, or of a worker, by the means of the fleet
// that uses it, and passes on its notes.
import type { HostNote } from "../../store/host_notes.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type { SourceAnswers } from "../fleet/host_link.ts";
import type { SessionListener } from "./session_client.ts";
import type { SessionLink } from "./session_link.ts";
import type { Question } from "./session_messages.ts";

/** The fleet's end of a session's questions. */
export class SessionAnswers implements SessionListener {
  readonly #answers: SourceAnswers;
  /** The links through the session. */
  readonly #links: ReadonlyMap<number, SessionLink>;

  constructor(
    answers: SourceAnswers,
    links: ReadonlyMap<number, SessionLink>,
  ) {
    this.#answers = answers;
    this.#links = links;
  }

  onAdded(host: string, key: string): void {
    this.#answers.ssh.onAdded?.(host, key);
  }

  onDistrust(host: string, why: string): void {
    this.#answers.ssh.onDistrust?.(host, why);
  }

  onFallback(host: string, reason: string): void {
    this.#answers.onFallback(host, reason);
  }

  onNoted(hostKey: string, note: HostNote): void {
    this.#answers.store?.hostNotes.note(hostKey, note);
  }

  async answer(question: Question): Promise<string | undefined> {
    const { ssh, password, endpointOf } = this.#answers;
    const refused = question.refused === undefined
      ? {}
      : { refused: question.refused };
    switch (question.what) {
      case "password": {
        const { endpoint, isHost } = question;
        const own = isHost ? endpointOf(endpoint.name) : endpoint;
        return own && await password(own, refused);
      }
      case "become": {
        const link = this.#links.get(question.link);
        const become = link?.become(question.become);
        const endpoint = link?.endpoint;
        if (become === undefined || endpoint === undefined) return undefined;
        const answer = question.asks
          ? await become.ask?.(become, { endpoint, ...refused })
          : await become.password(endpoint);
        // A result must not show it, whichever process has used it.
        if (answer) this.#answers.secrets.add(answer);
        return answer;
      }
      case "passphrase":
        return await ssh.passphrase?.(question.file, { again: question.again });
      case "answer":
        return await ssh.answer?.(question.endpoint, question.question);
    }
  }
}

/** Whether a program of this machine, which may read any variable, connects. */
export function needsEnvironment(
  { transport, proxyCommand, jumps = [] }: Endpoint,
): boolean {
  return transport === "openssh" || proxyCommand !== undefined ||
    jumps.some((jump) => jump.proxyCommand !== undefined);
}
