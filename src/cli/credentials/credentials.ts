// What lets us in on hosts, from options and from the person at the terminal:
// passwords, passphrases of keys, and answers to what hosts ask. Each is asked
// for once in a run, and again only when it was wrong.
import { escapeLine } from "../../output/escape.ts";
import type { BecomeOverrides } from "../../core/become/become.ts";
import type {
  AnswerPrompt,
  AskPassphrase,
  AskPassword,
} from "../../transport/ssh/ssh_transport.ts";
import type { Endpoint } from "../../transport/transport.ts";
import type { Context } from "../commands/context.ts";
import type { ConnectOptions } from "../options/options.ts";
import { readSecretFile } from "./secret_file.ts";

/** What a fleet is given to log in with; undefined where there is nothing. */
export interface FleetCredentials {
  /** Of the hosts that are meant. */
  readonly password: AskPassword | undefined;
  /** Of hosts on the way to them. */
  readonly bastionPassword: AskPassword | undefined;
  readonly passphrase: AskPassphrase | undefined;
  readonly answer: AnswerPrompt | undefined;
  /** For becoming another user. */
  readonly becomePassword: BecomeOverrides["password"];
}

/** How often somebody may mistype a password. */
const TRIES = 3;

/** How much a host may say above its question, and in a line. */
const MAX_LINES = 30;
const MAX_COLUMNS = 200;

/**
 * Reads the password that the options name, or asks for it, before any host is
 * contacted.
 *
 * @throws {UsageError} when nobody can be asked, or the file cannot be used.
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
    bastionPassword: options.askPass ? askOnTheWay(context) : undefined,
    passphrase: async (file, { again }) => {
      const why = again ? "That was not right. " : "";
      const prompt = `${why}Passphrase of ${file}: `;
      const passphrase = await context.askSecret(prompt);
      context.secrets.add(passphrase);
      return passphrase || undefined;
    },
    answer: (endpoint, { text, instructions, echo }) => {
      // Blanks could push what follows to where our own questions stand.
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

/** The password in a file, which cannot become another one. */
async function passwordOf(
  file: string,
  context: Context,
): Promise<AskPassword> {
  const password = await readSecretFile(file, context);
  return () => Promise.resolve(password);
}

/** As Ansible has it: an empty answer to `-K` means the one to `-k`. */
async function readBecomePassword(
  options: ConnectOptions,
  context: Context,
  sshPassword: AskPassword | undefined,
): Promise<BecomeOverrides["password"]> {
  if (options.askBecomePass) {
    const same = options.askPass ? " (empty: the SSH password)" : "";
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

/** Asks for the passwords of users to become, when a host wants one. */
export interface BecomeAsking {
  readonly ask: NonNullable<BecomeOverrides["ask"]>;
  /** Asks again for those that nobody gave. */
  renew(): void;
}

/**
 * Asks for what lets somebody become another user, once for all hosts. sudo and
 * doas want the same password for every user, su one for each.
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
    ask: ({ method, user }, { endpoint, refused }) => {
      const key = method === "su" ? `su ${user}` : method;
      const answer = answers.get(key) ?? new Answer(put);
      answers.set(key, answer);
      return answer.get(refused, endpoint.name);
    },
    renew: () => {
      for (const answer of answers.values()) answer.renew();
    },
  };
}

/** One password for all hosts, asked for at once. */
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

/** A password for each host on the way, asked for when it wants one. */
function askOnTheWay(context: Context): AskPassword {
  const answers = new Map<string, Answer>();
  return (endpoint, { refused }) => {
    const name = nameOf(endpoint);
    const key = `${name} ${endpoint.port}`;
    let answer = answers.get(key);
    if (answer === undefined) {
      answer = new Answer((refusedBy) =>
        context.askSecret(
          refusedBy === undefined
            ? `Password of ${name}: `
            : `It was refused. Password of ${name}: `,
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

/** A secret that is asked for once, by however many hosts want it. */
class Answer {
  readonly #ask: (refusedBy: string | undefined) => Promise<string>;
  #current: Promise<string> | undefined;
  #known: string | undefined;
  #tries = 0;

  constructor(ask: (refusedBy: string | undefined) => Promise<string>) {
    this.#ask = ask;
  }

  /** Undefined when none was given, or too many were wrong. */
  async get(refused?: string, by?: string): Promise<string | undefined> {
    const isStale = this.#current === undefined ||
      refused !== undefined && refused === this.#known;
    if (isStale && this.#tries < TRIES) {
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

  /** Asks again where nobody gave any, and counts the wrong ones anew. */
  renew(): void {
    this.#tries = 0;
    if (this.#known === "") this.#current = undefined;
  }
}
