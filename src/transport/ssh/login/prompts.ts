// The questions that a host asks during a login (RFC 4256). Most hosts ask only
// for the password, in any language.
import type { KeyboardInteractiveAuthMethod, Prompt } from "../library/ssh2.ts";
import type { Endpoint } from "../../transport.ts";

/** A question from a host. The host chooses every string; do not trust them. */
export interface HostPrompt {
  readonly text: string;
  /** The text that the host shows above its questions. */
  readonly instructions: string;
  /** False when the answer must be hidden while it is typed. */
  readonly echo: boolean;
}

/** Answers a question; undefined when there is no answer. */
export type AnswerPrompt = (
  endpoint: Endpoint,
  question: HostPrompt,
) => Promise<string | undefined>;

/** Where answers come from. */
export interface AnswerOptions {
  readonly password: string | undefined;
  readonly answer: AnswerPrompt | undefined;
  /** Called before the user is asked; the result is called afterwards. */
  readonly waiting: () => () => void;
  /** Called for a question without an answer, which ends the login. */
  readonly unanswered: (question: HostPrompt) => void;
  /** Called when the host asks too much, which ends the login. */
  readonly excessive: (what: string) => void;
  readonly fail: (error: unknown) => void;
}

/** A login needs a password, a code, and perhaps both again, with empty rounds. */
const MAX_ROUNDS = 10;
const MAX_PROMPTS = 10;
/** Characters of one question, and of the text above the questions. */
const MAX_TEXT = 4096;

/** Matches questions for a code that is valid once. */
const ONE_TIME = /code|token|otp|one.time|verification|passcode|\bpin\b/i;

/**
 * Makes the function that ssh2 calls with the questions of a host. The first
 * question with a hidden answer gets the password; the others go to `answer`.
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
