// Passwords, passphrases of keys, and answers to hosts' questions, from options
// and from the user at the terminal. Each is asked for once in a run, and again
// only when it was wrong.
import { escapeLine } from "../../output/escape.ts";
import { type BecomeOverrides, passwordKey } from "../../core/become/become.ts";
import type {
  AnswerPrompt,
  AskPassphrase,
  AskPassword,
} from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type { Context } from "../commands/context.ts";
import { askPassphrase } from "./ask_passphrase.ts";
import type { ConnectOptions } from "../options/options.ts";
import { readSecretFile } from "./secret_file.ts";

/** The credentials of a fleet; undefined where none was given. */
export interface FleetCredentials {
  /** For the chosen hosts. */
  readonly password: AskPassword | undefined;
  /** For the bastions on the way to them. */
  readonly bastionPassword: AskPassword | undefined;
  readonly passphrase: AskPassphrase | undefined;
  readonly answer: AnswerPrompt | undefined;
  /** For becoming another user. */
  readonly becomePassword: BecomeOverrides["password"];
}

/** How many times the user may mistype a password. */
const MAX_TRIES = 3;

/** How many lines of a host are shown above its question, and how wide. */
const MAX_LINES = 30;
const MAX_COLUMNS = 200;

/**
 * Reads the passwords that the options name, or asks for them, before any host
 * is contacted.
 *
 * @throws {UsageError} when there is no terminal to ask at, or a file cannot be
 * used.
 */
export async function readCredentials(
  options: ConnectOptions,
  context: Context,
): Promise<FleetCredentials> {
  const password = options.askPass
    ? await askForPassword(context)
    : options.passwordFile === undefined
    ? undefined
    : await passwordOf(options.passwordFile, context);
  const becomePassword = await readBecomePassword(options, context, password);
  if (!context.canAsk) {
    return {
      password,
      becomePassword,
      bastionPassword: undefined,
      passphrase: undefined,
      answer: undefined,
    };
  }
  return {
    password,
    becomePassword,
    bastionPassword: options.askPass ? askForBastions(context) : undefined,
    passphrase: askPassphrase(context),
    answer: (endpoint, { text, instructions, echo }) => {
      // Long runs of spaces could move the text to where ftl's own questions are.
      const lines = `${instructions}\n${text}`.split(
        /[\r\n\v\f\x85\u2028\u2029]/,
      )
        .map((line) => escapeLine(line.replace(/\s+/g, " ").trim()))
        .map((line) => line.slice(0, MAX_COLUMNS))
        .filter((line) => line !== "")
        .slice(-MAX_LINES);
      const prompt = `${endpoint.name} asks: "${lines.pop() ?? ""}" `;
      const above = lines.map((line) => `${endpoint.name}: ${line}\n`).join("");
      return echo
        ? context.ask(prompt, { above })
        : context.askSecret(prompt, { above });
    },
  };
}

/** The password in a file, which is never asked for again. */
async function passwordOf(
  file: string,
  context: Context,
): Promise<AskPassword> {
  const password = await readSecretFile(file, context);
  return () => Promise.resolve(password);
}

/** As in Ansible, an empty answer to `-K` repeats the one to `-k`. */
async function readBecomePassword(
  options: ConnectOptions,
  context: Context,
  sshPassword: AskPassword | undefined,
): Promise<BecomeOverrides["password"]> {
  if (options.askBecomePass) {
    const same = options.askPass ? " (Enter: same as the SSH password)" : "";
    const typed = await context.askSecret(`Become password${same}: `, {
      otherwise: "Give the password with --become-password-file FILE",
    });
    if (typed === "" && options.askPass) {
      return async (endpoint) => await sshPassword?.(endpoint, {});
    }
    context.secrets.add(typed);
    return () => Promise.resolve(typed);
  }
  const file = options.becomePasswordFile;
  if (file === undefined) return undefined;
  const password = await readSecretFile(file, context);
  return () => Promise.resolve(password);
}

/** Asks for become passwords when a host needs one. */
export interface BecomeAsking {
  readonly ask: NonNullable<BecomeOverrides["ask"]>;
  /** Lets passwords that were not given be asked for again. */
  renew(): void;
}

/**
 * Asks for become passwords, once for all hosts. sudo and doas take the same
 * password for every become user, su takes one for each.
 */
export function askToBecome(context: Context): BecomeAsking {
  const answers = new Map<string, Answer>();
  const put = (refusedBy: string | undefined) =>
    context.askSecret(
      refusedBy === undefined
        ? "Become password: "
        : `${refusedBy} refused it. Become password: `,
    ).catch((error) => {
      if (error instanceof DOMException) return ""; // withdrawn: no answer
      throw error;
    });
  return {
    ask: (become, { endpoint, refused }) => {
      const key = passwordKey(become);
      const answer = answers.get(key) ?? new Answer(put);
      answers.set(key, answer);
      return answer.get(refused, endpoint.name);
    },
    renew: () => {
      for (const answer of answers.values()) answer.renew();
    },
  };
}

/** Asks right away for one password for all hosts. */
async function askForPassword(context: Context): Promise<AskPassword> {
  const current = new Answer((refusedBy) =>
    context.askSecret(
      refusedBy === undefined
        ? "SSH password: "
        : `${refusedBy} refused it. SSH password: `,
      { otherwise: "Give the password with --password-file FILE" },
    )
  );
  await current.get();
  return (endpoint, { refused }) => current.get(refused, nameOf(endpoint));
}

/** Asks for the password of each bastion that wants one. */
function askForBastions(context: Context): AskPassword {
  const answers = new Map<string, Answer>();
  return (endpoint, { refused }) => {
    const name = nameOf(endpoint);
    const key = `${name} ${endpoint.port}`;
    let answer = answers.get(key);
    if (answer === undefined) {
      answer = new Answer((refusedBy) =>
        context.askSecret(
          refusedBy === undefined
            ? `Password for ${name}: `
            : `It was refused. Password for ${name}: `,
        )
      );
      answers.set(key, answer);
    }
    return answer.get(refused, name);
  };
}

function nameOf({ user, name }: Endpoint): string {
  return `${user}@${name}`;
}

/** A secret that is asked for once, however many hosts need it. */
class Answer {
  readonly #ask: (refusedBy: string | undefined) => Promise<string>;
  #current: Promise<string> | undefined;
  #known: string | undefined;
  #tries = 0;

  constructor(ask: (refusedBy: string | undefined) => Promise<string>) {
    this.#ask = ask;
  }

  /** Undefined when none was given, or after too many wrong ones. */
  async get(refused?: string, by?: string): Promise<string | undefined> {
    const isStale = this.#current === undefined ||
      refused !== undefined && refused === this.#known;
    if (isStale && this.#tries < MAX_TRIES) {
      this.#tries++;
      this.#known = undefined;
      const refusedBy = refused === undefined ? undefined : by;
      this.#current = this.#ask(refusedBy).then((answer) =>
        this.#known = answer
      );
    }
    const answer = await this.#current;
    return answer === "" ? undefined : answer;
  }

  /** Asks again if none was given, and resets the count of wrong ones. */
  renew(): void {
    this.#tries = 0;
    if (this.#known === "") this.#current = undefined;
  }
}
