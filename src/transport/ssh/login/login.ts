// Logging in on one host: the order of authentication methods, and the error when
// none works. Keys come before passwords, and each is tried once.
import type { AnyAuthMethod, AuthHandlerMiddleware } from "../library/ssh2.ts";
import type { Deadline } from "../../../async/deadline.ts";
import { ConnectError, messageOf } from "../../../errors.ts";
import type { Endpoint } from "../../transport.ts";
import type { IdentitySource } from "../keys/offered_identities.ts";
import { type Identity, OneKeyAgent, wayOf } from "../keys/identity.ts";
import type { LoginMemory, LoginWay } from "../../login_memory.ts";
import { type AnswerPrompt, answerPrompts } from "./prompts.ts";
import { rsaAlgorithms, signingWith } from "../keys/rsa_key.ts";
import { UnansweredLogin } from "./server_refusals.ts";
import type { Passwords, Trial } from "./passwords.ts";

/** What a user can log in with. */
export interface LoginCredentials {
  readonly keys: IdentitySource;
  readonly passwords: Passwords | undefined;
  /** Answers questions of a host other than for the password. */
  readonly answer: AnswerPrompt | undefined;
  /** True when it also answers a host that accepted neither key nor password. */
  readonly answersAlone: boolean;
  readonly memory: LoginMemory;
}

/** The message when a connection ended without a reason. */
export const LOST = "Connection lost";

/** How many passwords are tried on a host. */
const PASSWORD_TRIES = 3;

/**
 * The most keys that are offered again with another signature: a host counts
 * attempts (MaxAuthTries), and other ways to log in may follow.
 */
const FEW = 2;

/** The keys that a host was offered, on all connections to it. */
export class Shown {
  readonly keys = new Set<Identity>();
  readonly labels: string[] = [];
  /** Whether it was asked if it needs nothing. */
  question = false;
}

/** What a login needs of the connection. */
export interface LoginServer {
  /** Gets errors that end the attempt. */
  readonly fail: (error: unknown) => void;
  /** The algorithms that the host accepts in signatures; undefined: unknown. */
  readonly signatureAlgorithms: () => readonly string[] | undefined;
}

/** A host closed the connection after some keys (MaxAuthTries); more remain. */
export class KeysLeft extends ConnectError {}

/** One attempt to log in on one host. */
export class Login {
  readonly #endpoint: Endpoint;
  readonly #credentials: LoginCredentials;
  readonly #deadline: Deadline;
  readonly #shown: Shown;
  readonly #distrust: () => string | undefined;
  readonly #offered: string[];
  /** The last key that the host was offered, and how many keys remain. */
  #last: Identity | undefined;
  /** What the host answers next. */
  #way: LoginWay | undefined;
  #left = 0;
  #isExpected = false;
  readonly #unusable: string[] = [];
  #accepted: readonly string[] | null = null;
  #isPartial = false;
  #banner = "";
  #trial: Trial | undefined;
  #over = false;
  #isEnded = false;
  #isUnanswered = false;
  #hasOwnFault = false;
  #hasTriedPassword = false;

  constructor(
    endpoint: Endpoint,
    { credentials, deadline, shown, distrust = () => undefined }: {
      credentials: LoginCredentials;
      deadline: Deadline;
      shown: Shown;
      /** Why the host must not be sent a password; called once its key is known. */
      distrust?: () => string | undefined;
    },
  ) {
    this.#endpoint = endpoint;
    this.#distrust = distrust;
    this.#shown = shown;
    this.#offered = shown.labels;
    this.#credentials = credentials;
    this.#deadline = deadline;
  }

  /** Whether the host is expected to take the key that it is offered next. */
  get isExpected(): boolean {
    return this.#isExpected;
  }

  /** Records that a method failed on this side; the next one is tried. */
  note(error: Error): void {
    this.#hasOwnFault = true;
    this.#unusable.push(error.message);
  }

  /** Records the banner that the host sends before the login. */
  bannerReceived(banner: string): void {
    this.#banner = (this.#banner + banner).slice(-2048);
  }

  /** The function that ssh2 calls for the next way to try. */
  handler(server: LoginServer): AuthHandlerMiddleware {
    const { fail } = server;
    const methods = this.#methods(server);
    return (accepted, isPartial, next) => {
      this.#accepted = accepted ?? null; // null until the host has refused one
      this.#isPartial = isPartial ?? false;
      if (isPartial) this.#offered.length = 0; // the host accepted the last one
      methods.next().then(({ value }) => {
        if (value) return next(value);
        this.#over = true;
        // For ssh2, false ends the list; its types lack that.
        (next as (way: AnyAuthMethod | false) => void)(false);
      }).catch(fail);
    };
  }

  /** The login succeeded. */
  succeeded(): void {
    this.#trial?.end("accepted");
    const { keys, memory } = this.#credentials;
    if (this.#last) keys.accepted(this.#last, this.#endpoint.user);
    if (this.#way) memory.note(this.#endpoint, this.#way);
  }

  /** The error when the login failed, or the host closed the connection. */
  failure(cause: unknown): ConnectError {
    this.abandon();
    const { name, user } = this.#endpoint;
    const reasons = [
      ...this.#hangUp(cause),
      ...this.#tried(),
      ...this.#unusable,
    ];
    const kind = this.#mayGoOn(cause)
      ? KeysLeft
      : this.#hasOwnFault
      ? UnansweredLogin
      : ConnectError;
    return new kind(
      `Cannot log in to ${name} as ${user}: ${reasons.join("; ")}`,
      { phase: "auth", host: name, hint: this.#hint(), cause },
    );
  }

  /** True when the host closed because of too many keys, and more remain. */
  #mayGoOn(cause: unknown): boolean {
    if (this.#over || this.#last === undefined) return false;
    const hasPassword = this.#credentials.passwords !== undefined;
    return /too many/i.test(messageOf(cause)) &&
      (this.#left > 0 || hasPassword);
  }

  /** Gives up; a password that the host has not answered counts as untried. */
  abandon(): void {
    this.#isEnded = true;
    this.#trial?.end("unknown");
  }

  async *#methods(
    { fail, signatureAlgorithms }: LoginServer,
  ): AsyncGenerator<AnyAuthMethod, undefined> {
    const { keys, memory } = this.#credentials;
    const remembered = memory.recall(this.#endpoint);
    const { identities, unusable } = await keys
      .of(this.#endpoint, this.#shown, remembered);
    this.#unusable.push(...unusable);
    const isExpected = (one: Identity | undefined) =>
      one !== undefined && (remembered === wayOf(one) ||
        keys.isAccepted(one, this.#endpoint.user));
    const isKnown = remembered === "password" || isExpected(identities[0]);
    // As `ssh` does: a host may need nothing, or take no keys.
    if (!isKnown && !this.#shown.question) yield this.#question();
    const fresh = identities.filter((one) => !this.#shown.keys.has(one));
    const again: Identity[] = [];
    for (const [i, identity] of fresh.entries()) {
      if (!this.#accepts("publickey")) break;
      const [best, other] = rsaAlgorithms(identity, signatureAlgorithms());
      if (other) again.push(signingWith(identity, other));
      this.#offered.push(identity.label);
      this.#shown.keys.add(identity);
      this.#last = identity;
      this.#left = fresh.length - i - 1;
      this.#way = wayOf(identity);
      // The only key that can sign without the user: asking first gains nothing.
      const isOnly = identities.length === 1 &&
        identity.privateKey !== undefined;
      this.#isExpected = !identity.locked && (isOnly || isExpected(identity));
      yield this.#withKey(best ? signingWith(identity, best) : identity, fail);
    }
    this.#isExpected = false;
    // A host may announce an algorithm and refuse it (PubkeyAcceptedAlgorithms).
    for (const identity of this.#shown.keys.size > FEW ? [] : again) {
      if (this.#isPartial || !this.#accepts("publickey")) break;
      if (!this.#offered.includes(identity.label)) continue; // it cannot sign
      this.#way = wayOf(identity);
      yield this.#withKey(identity, fail);
    }
    this.#last = undefined;
    if (this.#accepted === null || this.#mayHaveMore) yield this.#question();
    yield* this.#passwords(fail);
    return undefined;
  }

  /**
   * Asks for nothing and which methods the host accepts. ssh2 does not report
   * them after a key of an agent. Before the first key this costs a round trip,
   * later one of the attempts that the host allows.
   */
  #question(): AnyAuthMethod {
    this.#shown.question = true;
    this.#way = "none";
    return { type: "none", username: this.#endpoint.user };
  }

  /** True when a password may still work after the keys. */
  get #mayHaveMore(): boolean {
    return this.#credentials.passwords !== undefined &&
      this.#distrust() === undefined && !this.#accepts("password") &&
      !this.#accepts("keyboard-interactive");
  }

  #accepts(method: string): boolean {
    return this.#accepted === null || this.#accepted.includes(method);
  }

  #withKey(identity: Identity, fail: (error: unknown) => void): AnyAuthMethod {
    const username = this.#endpoint.user;
    const { privateKey } = identity;
    if (privateKey) return { type: "publickey", username, key: privateKey };
    const agent = new OneKeyAgent(identity, {
      sign: async (data, hash) => {
        // The time to type a passphrase does not count against the host.
        const resume = identity.locked ? this.#deadline.pause() : undefined;
        try {
          return await identity.sign(data, hash);
        } catch (error) {
          this.#offered.splice(this.#offered.indexOf(identity.label), 1);
          throw new Error(`${identity.label} cannot sign: ${messageOf(error)}`);
        } finally {
          resume?.();
        }
      },
      fail,
    });
    return { type: "agent", username, agent };
  }

  async *#passwords(
    fail: (error: unknown) => void,
  ): AsyncGenerator<AnyAuthMethod> {
    const distrust = this.#distrust();
    if (distrust !== undefined) {
      this.#unusable.push(`it gets no password, because ${distrust}`);
      return;
    }
    let refused: string | undefined;
    for (let i = 0; i < PASSWORD_TRIES; i++) {
      // Only one of the two methods: the same wrong password twice is two attempts.
      const asks = !this.#accepts("password");
      if (asks && !this.#accepts("keyboard-interactive")) return;
      const trial = await this.#take(refused);
      const { answer, answersAlone } = this.#credentials;
      const mayAnswer = answer !== undefined &&
        (answersAlone || this.#isPartial);
      if (trial === undefined && !(asks && mayAnswer)) return;
      const username = this.#endpoint.user;
      this.#way = "password";
      this.#offered.push(
        asks ? "the answers to its questions" : "the password",
      );
      yield asks
        ? {
          type: "keyboard-interactive",
          username,
          prompt: answerPrompts(this.#endpoint, {
            password: trial?.password,
            answer,
            waiting: () => this.#deadline.pause(),
            unanswered: ({ text }) => {
              this.#offered.pop(); // no answer was sent
              this.#over = true;
              this.#isUnanswered = true;
              this.#hasOwnFault = true;
              const asked = JSON.stringify(text.trim().slice(0, 200));
              this.#unusable.push(`it asks ${asked}, and there is no answer`);
              fail(new Error("no answer"));
            },
            excessive: (what) => {
              this.#over = true;
              this.#unusable.push(`it ${what}`);
              fail(new Error("too many questions"));
            },
            fail,
          }),
        }
        : { type: "password", username, password: trial!.password };
      if (!this.#isEnded) trial?.end(this.#isPartial ? "accepted" : "refused");
      refused = trial?.password;
    }
  }

  /** Waits until a password may be tried; the user may have to be asked for it. */
  async #take(refused: string | undefined): Promise<Trial | undefined> {
    const resume = this.#deadline.pause();
    try {
      this.#trial = await this.#credentials.passwords?.take(this.#endpoint, {
        refused,
      });
      if (this.#trial) this.#hasTriedPassword = true;
      if (this.#isEnded) this.#trial?.end("unknown"); // the connection has ended
      return this.#trial;
    } catch (error) {
      this.#hasTriedPassword = true; // on another host, or it cannot be read
      this.#unusable.push(messageOf(error));
      return undefined;
    } finally {
      resume();
    }
  }

  /** Why the host ended the login early, if it did. */
  #hangUp(cause: unknown): string[] {
    if (this.#over) return [];
    const why = messageOf(cause);
    const told = why === LOST ? "" : ` (${why})`;
    const said = lastLine(this.#banner);
    return [
      `the host closed the connection${told}`,
      ...(said === "" ? [] : [`it sent ${JSON.stringify(said)}`]),
    ];
  }

  #tried(): string[] {
    if (this.#offered.length > 0) {
      const verb = this.#over ? "it refused" : "it was offered";
      return [`${verb} ${this.#offered.join(", ")}`];
    }
    if (this.#unusable.length > 0) return [];
    if (!this.#over) return ["it had not been offered a key"];
    if (!this.#accepts("publickey")) return ["it takes no keys"];
    const { passwords } = this.#credentials;
    return [`there was no key${passwords ? " or password" : ""} to offer`];
  }

  #hint(): string | undefined {
    if (this.#distrust() !== undefined) {
      return "Compare the key at the host itself, then correct that line of known_hosts";
    }
    if (this.#isUnanswered) {
      return "Run ftl in a terminal, where it can ask you";
    }
    if (!this.#over && this.#offered.length > 1) {
      return "Name the right key with `identityFiles`, so that it is offered first: a host ends a login after a few keys (MaxAuthTries)";
    }
    if (!this.#over) {
      return "Check the log of sshd on the host: the account may be locked or expired, or have no login shell (nologin)";
    }
    const accepted = this.#accepted ?? [];
    const advice = this.#advice(accepted);
    return accepted.length === 0
      ? advice
      : `${advice}; the host accepts ${accepted.join(", ")}`;
  }

  #advice(accepted: readonly string[]): string {
    const wants = accepted.filter((one) => one !== "publickey");
    if (wants.length > 0) {
      return this.#hasTriedPassword
        ? "Check the user (`user`) and the password"
        : "Give a password with `password`";
    }
    return this.#offered.length > 0
      ? "Check the user (`user`) and its authorized_keys on the host, or name another key with `identityFiles`"
      : "Name a key with `identityFiles`, or add one to the agent with ssh-add";
  }
}

/** The last line of a banner, without control characters. */
function lastLine(banner: string): string {
  const line = banner.trim().split(/[\r\n]+/).at(-1) ?? "";
  // deno-lint-ignore no-control-regex -- it is they that must not be shown
  return line.replace(/[\x00-\x1f\x7f-\x9f]/g, "?").slice(0, 200);
}
