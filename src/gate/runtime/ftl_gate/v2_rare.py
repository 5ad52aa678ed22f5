# The requests of version 2 that few sessions make.
from .frames import MAX_BODY, BadMessage, expect, message


def hello_again(session, data, ident):
    raise BadMessage("This session has had its Hello", ident)


def info(session, data, ident):
    reply = session.describe()
    reply["calls"] = session.gate.started
    reply["running"] = len(session.gate.running)
    reply["waiting"] = len(session.calls) - len(session.gate.running)
    reply["modules"] = session.gate.library.names()
    session.send("Info", reply, ident)


def part(session, data, ident):
    """Takes one part of a large message, and serves the message with the last."""
    (known, size, parts), session.series = session.series or (ident, 0, []), None
    if known != ident:
        raise BadMessage("A series started before another had ended", ident)
    parts.append(expect(data, "part", str).encode())
    size += len(parts[-1])
    if size > MAX_BODY:
        raise BadMessage("A series of more than %d bytes" % MAX_BODY, ident)
    if not expect(data, "last", bool):
        session.series = ident, size, parts
        return
    kind, data, known = message(b"".join(parts))
    if known != ident or kind == "Data":
        raise BadMessage("The body of a series has another id or is a part", ident)
    session.serve(kind, data, ident)


def cancel(session, data, ident):
    call = session.calls.get(ident)
    if call is None:
        return
    reason = "It was cancelled"
    if ident in session.gate.running:
        return call.end("cancelled", reason)
    for queue in (session.gate.waiting, session.followers.get(call.after, ())):
        if call in queue:
            queue.remove(call)
    session.not_run(call, reason)


def job(session, wanted):
    """What runs a call in the background. It is not in the gate: a pack has it."""
    session.gate.library.pack(expect(wanted, "pack", str))
    from .job import Job

    return Job(session.gate, wanted)


HANDLERS = {"Cancel": cancel, "Data": part, "Hello": hello_again, "Info": info}
