// The questions that a host asks while somebody logs in (RFC 4256). Most hosts
// ask for nothing but the password, in whatever language.
import type { KeyboardInteractiveAuthMethod, Prompt } from "./ssh2.ts";
import type { Endpoint } from "../transport.ts";

/** A question of a host. All texts are the host's: they may hold anything. */
export interface HostPrompt {
  readonly text: string;
  /** What the host says above its questions. */
  readonly instructions: string;
  /** False when the answer must not be shown while it is typed. */
  readonly echo: boolean;
}

/** Answers a question; undefined when nobody can. */
export type AnswerPrompt = (
  endpoint: Endpoint,
  question: HostPrompt,
) => Promise<string | undefined>;

/** Where answers come from. */
export interface AnswerOptions {
  readonly password: string | undefined;
  readonly answer: AnswerPrompt | undefined;
  /** Told when somebody is asked; what it returns, when that is over. */
  readonly waiting: () => () => void;
  /** Told of a question that nobody answers, which ends the login. */
  readonly unanswered: (question: HostPrompt) => void;
  /** Told when the host asks more than anybody needs to, which ends the login. */
  readonly excessive: (what: string) => void;
  readonly fail: (error: unknown) => void;
}

/** A login needs a password, a code, and perhaps both again, with empty rounds. */
const MAX_ROUNDS = 10;
const MAX_PROMPTS = 10;
/** Of one question, and of what stands above it. */
const MAX_TEXT = 4096;

/** What asks for something that changes from login to login. */
const ONE_TIME = /code|token|otp|one.time|verification|passcode|\bpin\b/i;

/**
 * Makes what ssh2 calls with a host's questions. The first that hides its answer
 * gets the password; the others go to `answer`.
 */
export function answerPrompts(
  endpoint: Endpoint,
  { password, answer, waiting, unanswered, excessive, fail }: AnswerOptions,
): KeyboardInteractiveAuthMethod["prompt"] {
  let unused = password;
  let rounds = 0;
  const answerOne = async (prompt: Prompt, instructions: string) => {
    const { prompt: text, echo = false } = prompt;
    if (unused !== undefined && !echo && !ONE_TIME.test(text)) {
      const given = unused;
      unused = undefined;
      return given;
    }
    const question = {
      text: text.slice(-MAX_TEXT),
      instructions: instructions.slice(0, MAX_TEXT),
      echo,
    };
    const resume = waiting();
    try {
      const given = await answer?.(endpoint, question);
      if (given === undefined) unanswered(question);
      return given;
    } finally {
      resume();
    }
  };
  return (_name, instructions, _language, prompts, finish) => {
    if (++rounds > MAX_ROUNDS) {
      return excessive(`asks for more than ${MAX_ROUNDS} rounds of answers`);
    }
    if (prompts.length > MAX_PROMPTS) {
      return excessive(`asks ${prompts.length} questions at once`);
    }
    (async () => {
      const answers: string[] = [];
      for (const prompt of prompts) {
        const answer = await answerOne(prompt, instructions);
        if (answer === undefined) return;
        answers.push(answer);
      }
      finish(answers);
    })().catch(fail);
  };
}
