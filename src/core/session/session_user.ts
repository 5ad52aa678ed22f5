// One client of a session, at the session's end: does what it asks, and puts the
// session's questions to it. When it leaves or is killed, its calls and commands are
// cancelled; the hosts stay open.
import { CANCEL_GRACE_MS } from "../call/grace.ts";
import { ConnectError } from "../../errors.ts";
import { startTimer } from "../../async/timer.ts";
import type { Request } from "../../protocol/message.ts";
import type { Become } from "../become/become.ts";
import type { PhaseListener } from "../fleet/host_link.ts";
import type { HostNote } from "../../store/host_notes.ts";
import { CallEvents } from "./call_events.ts";
import { ClientFiles } from "./client_files.ts";
import { ClientOpener } from "./client_opener.ts";
import { HostCommand, type HostCommandOptions } from "./host_command.ts";
import type { MessageSocket, SocketMessage } from "./message_socket.ts";
import { PhaseLog } from "./phase_log.ts";
import { plainError } from "./plain_error.ts";
import { connectionClosed } from "./session_account.ts";
import type { BecomeData, ClientHello, RouteData } from "./session_messages.ts";
import type { SharedGate, SharedHost, SharedHosts } from "./shared_hosts.ts";

/** What a client needs of its session. */
export interface SessionUserOptions {
  readonly socket: MessageSocket;
  readonly hello: ClientHello;
  readonly hosts: SharedHosts;
  /** What the ways to hosts depend on in the environment of the session. */
  readonly environment: string;
  /** Called with each call or command. */
  readonly onCall: () => void;
}

/** A host that the client uses. */
interface Attached {
  readonly host: SharedHost;
  readonly onPhase: PhaseListener;
  readonly onLost: (error: Error | undefined) => void;
  readonly gates: Set<number>;
}

/** A conversation about a host, which its link identifies. */
interface Conversation {
  readonly id: number;
  readonly link: number;
}

/** A gate that the client uses. */
interface UsedGate {
  readonly shared: Promise<SharedGate>;
  readonly calls: Set<number>;
  /** Stops listening to its end. */
  leave: () => void;
}

let lastUser = 0;

/** One client, from its hello to its end. */
export class SessionUser {
  readonly #options: SessionUserOptions;
  /** Tells its accounts apart from those of others. */
  readonly #name = `user-${++lastUser}`;
  /** Opens hosts by the client's means. */
  readonly opener: ClientOpener;
  readonly #end = new AbortController();
  readonly #attached = new Map<number, Attached>();
  readonly #gates = new Map<number, UsedGate>();
  /** Ends a call. */
  readonly #calls = new Map<number, AbortController>();
  readonly #commands = new Map<
    number,
    { link: number; command: HostCommand }
  >();
  readonly #phases = new PhaseLog((id, data) => this.#send("Phase", data, id));
  readonly #files = new ClientFiles((archive) =>
    this.#send("Need", { archive }, 0)
  );

  constructor(options: SessionUserOptions) {
    this.#options = options;
    const { socket, hello, hosts } = options;
    this.opener = new ClientOpener(socket, { hello, memory: hosts.memory });
  }

  /**
   * Does what a message asks for.
   *
   * @throws {Error} when a member of it is wrong: the client must be dropped then.
   */
  take(message: SocketMessage): void {
    const { type, data, id, bytes } = message;
    const tasks: Record<string, () => void> = {
      // A fault in a message ends its client only.
      Find: () =>
        void this.#find(data.keys as string[], id)
          .catch(() => this.#options.socket.close()),
      Attach: () => this.#attach(data, id),
      Detach: () => this.#detach(id, data.reopen === true),
      Gate: () => void this.#openGate(data, id),
      Archive: () => this.#files.giveArchive(String(data.archive), bytes!),
      Pack: () => this.#files.givePack(String(data.id), String(data.data)),
      Drop: () => this.#dropGate(id),
      Call: () => void this.#call(data, id),
      Cancel: () => this.#cancel(message),
      Exec: () => this.#exec(data, id),
      Shell: () => this.#shell(data, id),
      Answer: () => this.opener.answered(data, id),
      Ping: () => this.#send("Pong", {}, id),
    };
    if (Object.hasOwn(tasks, type)) tasks[type]!();
    else this.#commands.get(id)?.command.take(message);
  }

  /** The client is gone: ends what it runs. */
  async leave(): Promise<void> {
    this.opener.leave();
    this.#end.abort(new DOMException("The client is gone", "AbortError"));
    this.#files.leave();
    for (const id of [...this.#gates.keys()]) this.#dropGate(id);
    for (const id of [...this.#attached.keys()]) this.#detach(id);
    await this.#options.hosts.memory.save();
  }

  #send(type: string, data: object, id: number, bytes?: Uint8Array): void {
    this.#options.socket.send(type, data, id, bytes);
  }

  /** Says something of a host that its client uses, and what else is new of it. */
  #tell(type: string, data: object, { id, link }: Conversation): void {
    const noted = this.#options.hosts.memory.takeNoted();
    this.#send(type, {
      ...data,
      ...this.#phases.take(link),
      ...(noted && { noted }),
    }, id);
  }

  async #find(keys: readonly string[], id: number): Promise<void> {
    this.#send("Found", { open: await this.#options.hosts.find(keys) }, id);
  }

  #attach(data: SocketMessage["data"], id: number): void {
    const { key, mayOpen, retries, notes = {} } = data;
    const route = data.route as RouteData;
    this.#options.hosts.memory.learn(notes as Record<string, HostNote>);
    let host = this.#options.hosts.get(String(key));
    try {
      if (host === undefined) {
        this.#checkMayOpen(route, mayOpen === true);
        const opener = this.opener.for(route, Number(retries));
        host = this.#options.hosts.open(String(key), route, opener);
      }
    } catch (error) {
      return this.#send("Lost", { error: plainError(error) }, id);
    }
    const onLost = (error: Error | undefined) => {
      const closed = connectionClosed(host.name);
      const cause = plainError(error ?? closed);
      this.#tell("Lost", { error: cause }, { id, link: id });
      this.#detach(id, false, closed);
    };
    const onPhase: PhaseListener = (phase) => this.#phases.add(id, phase);
    host.link.join(onPhase);
    host.onLost.add(onLost);
    this.#attached.set(id, { host, onPhase, onLost, gates: new Set() });
    host.link.account().connection(this.#end.signal).then(
      ({ startMs, distrust }) =>
        this.#tell("Connected", { startMs, distrust }, { id, link: id }),
      onLost,
    );
  }

  /** @throws {ConnectError} that makes the client connect by itself. */
  #checkMayOpen(route: RouteData, mayOpen: boolean): void {
    const { environment } = this.#options;
    const why = !mayOpen
      ? "the session has closed the host"
      : route.environment !== "" && route.environment !== environment
      ? "the session has another environment"
      : undefined;
    if (why === undefined) return;
    throw new ConnectError(`Cannot use the session: ${why}`, {
      phase: "start",
      host: route.endpoint.name,
      mayPass: true,
    });
  }

  /** Lets go of a host; `reason` is the error of what has not started there. */
  #detach(id: number, reopen = false, reason?: Error): void {
    const attached = this.#attached.get(id);
    const tell = () => reopen && this.#send("Detached", {}, id);
    if (attached === undefined) return void tell(); // it was lost before
    this.#attached.delete(id);
    const { host, onPhase, onLost, gates } = attached;
    this.#phases.take(id);
    for (const gate of gates) {
      const used = this.#gates.get(gate);
      if (used === undefined || used.calls.size > 0) continue;
      used.leave(); // nobody waits for its end any more
      this.#gates.delete(gate);
    }
    for (const { link, command } of this.#commands.values()) {
      if (link === id) command.close(reason);
    }
    host.onLost.delete(onLost);
    host.link.dropAccounts(this.#name);
    host.link.leave(onPhase, { keepOpen: true });
    if (reopen) void this.#options.hosts.drop(host).then(tell);
  }

  /** @throws {ConnectError} when the client has no such host. */
  #hostOf(link: unknown): SharedHost {
    const attached = this.#attached.get(Number(link));
    if (attached !== undefined) return attached.host;
    throw new ConnectError("Cannot use the host: its connection was closed", {
      phase: "start",
      mayPass: true,
    });
  }

  #becomeOf(data: unknown, link: unknown): Become | undefined {
    return data === null
      ? undefined
      : this.opener.become(data as BecomeData, Number(link));
  }

  async #openGate(
    { link, become, archive, hinted }: SocketMessage["data"],
    id: number,
  ): Promise<void> {
    const told = { id, link: Number(link) };
    this.#attached.get(told.link)?.gates.add(id);
    const opening = Promise.withResolvers<SharedGate>();
    opening.promise.catch(() => {}); // told below
    const used: UsedGate = {
      shared: opening.promise,
      calls: new Set(),
      leave: () => {},
    };
    this.#gates.set(id, used);
    const tellEnd = (error: Error | undefined) => {
      this.#gates.delete(id);
      this.#attached.get(told.link)?.gates.delete(id);
      const cause = error ??
        new ConnectError("Lost the gate: it was closed", { phase: "call" });
      this.#tell("Closed", { error: plainError(cause) }, told);
    };
    try {
      const shared = await this.#hostOf(link).gate(
        this.#becomeOf(become, link),
        {
          id: String(archive),
          isHinted: hinted === true,
          archive: () => this.#files.archive(String(archive)),
          signal: this.#end.signal,
        },
      );
      const { gate, account, onClosed } = shared;
      onClosed.add(tellEnd);
      used.leave = () => onClosed.delete(tellEnd);
      const { pending } = gate.channel;
      this.#send("Ready", { packs: [...gate.packs], pending }, id);
      opening.resolve(shared);
      const { hello } = await gate.opened;
      const { bytesSent, gatesSent } = account;
      const uploaded = gatesSent > 0;
      this.#tell("Open", { hello, bytesSent, uploaded }, told);
    } catch (error) {
      opening.reject(error);
      used.leave();
      tellEnd(error as Error);
    }
  }

  /** Cancels the client's calls on a gate, whose end it does not wait for any more. */
  #dropGate(id: number): void {
    const used = this.#gates.get(id);
    if (used === undefined) return;
    used.leave();
    this.#gates.delete(id);
    for (const id of used.calls) this.#cancel({ id, data: {} });
  }

  async #call(
    { gate: gateId, request, packs = [] }: SocketMessage["data"],
    id: number,
  ): Promise<void> {
    const used = this.#gates.get(Number(gateId));
    const stop = new AbortController();
    this.#calls.set(id, stop);
    used?.calls.add(id);
    try {
      if (used === undefined) {
        throw new ConnectError("Lost the gate: it was closed", {
          phase: "call",
        });
      }
      const { gate, account } = await used.shared;
      this.#options.onCall();
      const sent = (packs as string[]).map((id) =>
        gate.sendPack({ id, data: this.#files.pack(id) })
      );
      for (const each of sent) each.catch(() => {}); // the call fails too
      const reply = await this.#ask(request as Request, {
        gate,
        id,
        signal: stop.signal,
        onIgnored: () =>
          account.dropGate(
            gate,
            new ConnectError("Lost the gate: it ignored a cancel", {
              phase: "call",
            }),
          ),
      });
      const { bytesSent } = account;
      const stored = sent.length > 0 ? { stored: await Promise.all(sent) } : {};
      this.#send("Reply", { reply, ...stored, bytesSent }, id);
    } catch (error) {
      this.#send("Error", { error: plainError(error) }, id);
    } finally {
      this.#calls.delete(id);
      used?.calls.delete(id);
      used?.shared.then(({ host }) => host.shells.renewSoon(), () => {});
    }
  }

  async #ask(
    request: Request,
    { gate, id, signal, onIgnored }: {
      gate: SharedGate["gate"];
      id: number;
      signal: AbortSignal;
      onIgnored: () => void;
    },
  ) {
    let stopTimer = () => {};
    const onAbort = () => stopTimer = startTimer(onIgnored, CANCEL_GRACE_MS);
    signal.addEventListener("abort", onAbort, { once: true });
    const events = new CallEvents(this.#options.socket, id);
    try {
      return await gate.channel.call(request, {
        signal,
        onEvent: (event) => events.push(event),
      });
    } finally {
      stopTimer();
      events.end();
    }
  }

  #cancel(message: Pick<SocketMessage, "data" | "id">): void {
    const { id } = message;
    this.#calls.get(id)?.abort(
      new DOMException("The client cancelled the call", "AbortError"),
    );
    this.#commands.get(id)?.command.take({ ...message, type: "Cancel" });
  }

  #exec(
    { link, become, command, terminal }: SocketMessage["data"],
    id: number,
  ) {
    this.#run({ link, id }, async (signal) => {
      const by = this.#becomeOf(become, link);
      const variant = by === undefined ? "" : this.#name;
      const connection = await this.#hostOf(link).link
        .account(by, { name: variant }).connection(signal);
      const options = { signal, terminal: terminal === true };
      return { stream: await connection.exec(String(command), options) };
    });
  }

  #shell({ link }: SocketMessage["data"], id: number): void {
    this.#run(
      { link, id },
      async (signal) => await this.#hostOf(link).startShell(signal),
    );
  }

  #run(
    { link, id }: { link: unknown; id: number },
    start: HostCommandOptions["start"],
  ): void {
    this.#options.onCall();
    const host = this.#attached.get(Number(link))?.host;
    this.#commands.set(id, {
      link: Number(link),
      command: new HostCommand({
        start,
        send: (type, message, bytes) => this.#send(type, message, id, bytes),
        onShell: () => host?.shells.worked(),
        onOver: () => void (this.#commands.delete(id) && host?.shells.renew()),
      }),
    });
  }
}
