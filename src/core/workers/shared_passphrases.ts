// Passphrases of key files, which several workers may need: the user is asked once,
// and again only when the answer was wrong.
import type { AskPassphrase } from "../../transport/ssh/ssh_transport.ts";

type Answer = Promise<string | undefined>;

/** The answers of one run. */
export class SharedPassphrases {
  readonly #ask: AskPassphrase;
  /** The last answer for each file. */
  readonly #answers = new Map<string, Answer>();

  constructor(ask: AskPassphrase) {
    this.#ask = ask;
  }

  /** Asks for one worker. */
  asker(): AskPassphrase {
    const given = new Map<string, Answer>();
    return (file, { again }) => {
      let answer = this.#answers.get(file);
      const isWrong = again && answer === given.get(file);
      if (answer === undefined || isWrong) {
        answer = this.#ask(file, { again });
        this.#answers.set(file, answer);
      }
      given.set(file, answer);
      return answer;
    };
  }
}
