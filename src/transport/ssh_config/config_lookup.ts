// Looks up the lines of ssh_config for one host. As in OpenSSH, the first value of
// a keyword counts, and `Match final` makes the files be read a second time.
import { messageOf } from "../../errors.ts";
import { matchesPatterns } from "../openssh_patterns.ts";
import type { Condition, Directive, SshConfig } from "./parse_config.ts";

/** The host to look up, and the user. */
export interface Subject {
  /** The name as the user gave it. */
  readonly host: string;
  /** A user that was set elsewhere; no file can change it. */
  readonly user?: string | undefined;
  /** The user who runs ftl. */
  readonly localUser: string;
  /** Runs the command of `Match exec`; true when it succeeded. May throw. */
  readonly exec?: ((command: string) => boolean) | undefined;
}

/** The lines for a host. */
export interface MatchedDirectives {
  /** By keyword, in lower case: the line that counts. */
  readonly values: ReadonlyMap<string, Directive>;
  /** All `IdentityFile` lines that apply. */
  readonly identityFiles: readonly Directive[];
  /** Conditions that could not be evaluated; they count as not met. */
  readonly unjudged: readonly Condition[];
}

/** Looks up a host in the files; the first has priority. */
export function lookUpDirectives(
  configs: readonly SshConfig[],
  subject: Subject,
): MatchedDirectives {
  const first = new Reading(subject, { isFinal: false, before: undefined });
  for (const config of configs) first.read(config, true);
  if (!first.wantsFinal) return first;
  const final = new Reading(subject, { isFinal: true, before: first });
  for (const config of configs) final.read(config, true);
  return final;
}

class Reading implements MatchedDirectives {
  readonly values: Map<string, Directive>;
  readonly identityFiles: Directive[];
  readonly unjudged: Condition[];
  wantsFinal = false;
  readonly #subject: Subject;
  readonly #isFinal: boolean;

  constructor(
    subject: Subject,
    { isFinal, before }: {
      isFinal: boolean;
      before: MatchedDirectives | undefined;
    },
  ) {
    this.#subject = subject;
    this.#isFinal = isFinal;
    this.values = new Map(before?.values);
    this.identityFiles = [...before?.identityFiles ?? []];
    this.unjudged = [...before?.unjudged ?? []];
  }

  /** Takes the lines of a file that apply; its conditions end with the file. */
  read(config: SshConfig, holds: boolean): void {
    for (const node of config) {
      switch (node.kind) {
        case "host":
          holds = matchesPatterns(this.#subject.host, node.args);
          break;
        case "match":
          holds = this.#meets(node);
          break;
        case "set":
          if (holds) this.#take(node);
          break;
        case "include":
          if (holds) { for (const file of node.files) this.read(file, true); }
      }
    }
  }

  #take(directive: Directive): void {
    const { keyword, args } = directive;
    if (keyword === "identityfile") {
      const isNew = !this.identityFiles.some((one) => one.args[0] === args[0]);
      if (isNew) this.identityFiles.push(directive);
      return;
    }
    // ProxyJump and ProxyCommand exclude each other: the first one counts.
    const key = keyword === "proxycommand" ? "proxyjump" : keyword;
    if (key === "proxyjump" && this.#hasProxy) return;
    if (!this.values.has(keyword)) this.values.set(keyword, directive);
  }

  get #hasProxy(): boolean {
    return this.values.has("proxyjump") || this.values.has("proxycommand");
  }

  #meets(condition: Condition): boolean {
    // `host=a` and `host a` mean the same.
    const words = condition.args.flatMap((word) => {
      const [, name, value] = /^(!?\w+)=(.*)$/.exec(word) ?? [];
      return name === undefined ? [word] : [name, value!];
    });
    let met = true;
    while (words.length > 0) {
      const word = words.shift()!.toLowerCase();
      const negated = word.startsWith("!");
      const name = negated ? word.slice(1) : word;
      const judged = this.#judge(name, words, condition);
      if (judged === undefined) this.unjudged.push(condition);
      if (judged === undefined || judged === negated) met = false;
    }
    return met;
  }

  /** Evaluates one criterion and takes its value; undefined when it cannot. */
  #judge(
    name: string,
    words: string[],
    condition: Condition,
  ): boolean | undefined {
    if (name === "all") return true;
    if (name === "final") this.wantsFinal = true;
    if (name === "final" || name === "canonical") return this.#isFinal;
    const value = words.shift() ?? "";
    const { host, localUser } = this.#subject;
    const matches = (text: string) => matchesPatterns(text, value.split(","));
    switch (name) {
      case "host":
        return matches(this.#hostName.toLowerCase());
      case "originalhost":
        return matches(host.toLowerCase());
      case "user":
        return matches(this.#user);
      case "localuser":
        return matches(localUser);
      case "exec":
        return this.#runs(value, condition);
      default:
        return undefined;
    }
  }

  /** Names come from inventories, and a shell runs the command. */
  #runs(command: string, { file, line }: Condition): boolean | undefined {
    const name = this.#hostName;
    const isPlain = /^[\w.:@][\w.:@-]*$/.test(name);
    if (/%[^h%]|%$/.test(command)) return undefined;
    if (command.includes("%h") && !isPlain) return undefined;
    try {
      return this.#subject.exec?.(
        command.replace(/%(.)/g, (_, letter) => letter === "h" ? name : "%"),
      );
    } catch (cause) {
      const reason = messageOf(cause);
      throw new SyntaxError(`Cannot use match in ${file}:${line}: ${reason}`, {
        cause,
      });
    }
  }

  get #hostName(): string {
    const name = this.values.get("hostname")?.args[0];
    return name?.replaceAll("%h", this.#subject.host) ?? this.#subject.host;
  }

  get #user(): string {
    return this.#subject.user ?? this.values.get("user")?.args[0] ??
      this.#subject.localUser;
  }
}
