// When a shell waits on a host, and when it is given up.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { WaitingShell } from "../../../src/core/session/waiting_shell.ts";
import type {
  Connection,
  ExecOptions,
  Exit,
  Stream,
} from "../../../src/transport/transport.ts";

const signal = new AbortController().signal;

/** A shell that was started on the host. */
interface Started {
  readonly options: ExecOptions;
  readonly end: () => void;
  isClosed: boolean;
}

/** A host that starts shells, and a clock that is set by hand. */
class Lab {
  readonly started: Started[] = [];
  readonly timers = new Map<() => void, number>();
  refusal: Error | undefined;
  isOpen = true;
  /** What the host answers when it is asked. */
  answer: () => Promise<void> = () => {
    this.asked++;
    return Promise.resolve();
  };
  asked = 0;
  readonly shells = new WaitingShell(
    () => this.isOpen ? this.#connection : undefined,
    (callback, ms) => {
      this.timers.set(callback, ms);
      return () => this.timers.delete(callback);
    },
  );

  constructor({ hasWorked = true } = {}) {
    if (hasWorked) this.shells.worked();
  }

  readonly #connection: Connection = {
    exec: (_, options) => {
      if (this.refusal) return Promise.reject(this.refusal);
      const exit = Promise.withResolvers<Exit>();
      const end = () => exit.resolve({ code: 0, signal: null, lost: false });
      const started: Started = { options, end, isClosed: false };
      this.started.push(started);
      const stream: Stream = {
        stdin: new WritableStream(),
        stdout: new ReadableStream(),
        stderr: new ReadableStream(),
        exit: exit.promise,
        close: () => {
          started.isClosed = true;
          end();
        },
      };
      return Promise.resolve(stream);
    },
    awaitAnswer: () => this.answer(),
    closed: new Promise(() => {}),
    close: () => {},
  };

  /** The time passes that a timer waits for. */
  async pass(ms: number): Promise<void> {
    for (const [callback, after] of this.timers) {
      if (after === ms) callback();
    }
    await settled();
  }
}

/** Lets everything run that waits for nothing. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

Deno.test("a shell waits until it is taken, once", async () => {
  const { shells, started } = new Lab();
  assertEquals(await shells.take(signal), undefined);
  shells.renew();
  const shell = await shells.take(signal);
  assertEquals(shell?.nonce.length, 32);
  assertEquals(await shells.take(signal), undefined);
  shells.close();
  await settled();
  assertEquals(
    started.map(({ isClosed }) => isClosed),
    [false],
    "it is in use",
  );
});

Deno.test("a shell that waits never costs a further login", async () => {
  const { shells, started } = new Lab();
  shells.renew();
  await settled();
  shells.renew();
  await settled();
  const yields = started.map(({ options }) => options.yields!);
  assert(yields[0]!(), "it was given up before");
  assert(yields[1]!(), "it only waits");
  await settled();
  assertEquals(started.map(({ isClosed }) => isClosed), [true, true]);
  shells.renew();
  await shells.take(signal);
  assert(!started[2]!.options.yields!(), "it is in use");
  await settled();
  assert(!started[2]!.isClosed);
});

Deno.test("a shell that started before a script ended gives way to another", async () => {
  const { shells, started, timers } = new Lab();
  shells.renew();
  await settled();
  shells.renew();
  await settled();
  assertEquals(started.map(({ isClosed }) => isClosed), [true, false]);
  assertEquals(timers.size, 1);
  shells.close();
  await settled();
  assertEquals(started.map(({ isClosed }) => isClosed), [true, true]);
  assertEquals(timers.size, 0);
});

Deno.test("after a call a shell starts when no more calls end", async () => {
  const lab = new Lab();
  lab.shells.renew();
  await settled();
  for (let call = 0; call < 3; call++) lab.shells.renewSoon();
  await settled();
  assertEquals(lab.started.map(({ isClosed }) => isClosed), [true]);
  await lab.pass(300);
  assertEquals(lab.started.length, 2);
  lab.shells.close();
});

Deno.test("a shell waits for a minute", async () => {
  const lab = new Lab();
  lab.shells.renew();
  await lab.pass(1_000);
  await lab.pass(59_000);
  assertEquals(lab.started.map(({ isClosed }) => isClosed), [true]);
  assertEquals(await lab.shells.take(signal), undefined);
});

Deno.test("a host that has not just answered is asked before its shell is taken", async () => {
  const lab = new Lab();
  lab.shells.renew();
  assert(await lab.shells.take(signal) !== undefined);
  assertEquals(lab.asked, 0, "it has just started the shell");
  lab.shells.renew();
  await lab.pass(1_000);
  assert(await lab.shells.take(signal) !== undefined);
  assertEquals(lab.asked, 1);
  lab.shells.close();
});

Deno.test("a host that does not answer gets no script", async () => {
  const lab = new Lab();
  lab.shells.renew();
  await lab.pass(1_000);
  lab.answer = () => Promise.reject(new Error("it is gone"));
  await assertRejects(() => lab.shells.take(signal), Error, "it is gone");
  await settled();
  assert(lab.started[0]!.isClosed);
});

Deno.test("a shell that had ended when the host answered is not taken", async () => {
  const lab = new Lab();
  lab.shells.renew();
  await lab.pass(1_000);
  lab.answer = () => Promise.resolve(lab.started[0]!.end());
  assertEquals(await lab.shells.take(signal), undefined);
});

Deno.test("a shell that has ended is not taken", async () => {
  const { shells, started, timers } = new Lab();
  shells.renew();
  await settled();
  started[0]!.end();
  await settled();
  assertEquals(await shells.take(signal), undefined);
  assertEquals(timers.size, 0);
});

Deno.test("a host that starts none is not asked again", async () => {
  const lab = new Lab();
  lab.refusal = new Error("it runs no commands");
  lab.shells.renew();
  await settled();
  lab.refusal = undefined;
  lab.shells.renew();
  lab.shells.renewSoon();
  await lab.pass(300);
  assertEquals(await lab.shells.take(signal), undefined);
  assertEquals([lab.started, lab.timers.size], [[], 0]);
});

Deno.test("none is started before a shell or a gate has worked there", async () => {
  const lab = new Lab({ hasWorked: false });
  lab.shells.renew();
  lab.shells.renewSoon();
  await lab.pass(300);
  assertEquals([lab.started, lab.timers.size], [[], 0]);
  lab.shells.worked();
  lab.shells.renew();
  assert(await lab.shells.take(signal) !== undefined);
});

Deno.test("where none may wait, none is started", async () => {
  const lab = new Lab();
  lab.isOpen = false;
  lab.shells.renew();
  lab.shells.renewSoon();
  await lab.pass(300);
  assertEquals([lab.started, lab.timers.size], [[], 0]);
  lab.isOpen = true;
  lab.shells.renew();
  assert(await lab.shells.take(signal) !== undefined);
  lab.shells.close();
});

Deno.test("a shell that was not waited for is ended", async () => {
  const { shells, started } = new Lab();
  shells.renew();
  const stop = new AbortController();
  stop.abort(new Error("enough"));
  await assertRejects(() => shells.take(stop.signal), Error, "enough");
  await settled();
  assert(started[0]!.isClosed);
});
