# Native modules: `main`, async or not, is called with the arguments. What it
# returns, reports or raises goes to the gate as lines of JSON on descriptor 3.
import os
import sys

from . import child, frames, launch

MAX_VALUE = 48 << 20  # bytes: so much of a result there is always room for


def run(call):
    try:
        main = load(call.module)
        args = dict(call.args)
        wanted = parameters(main)
        if call.check:
            if "check_mode" not in wanted:
                return tell("skipped", "It has no parameter check_mode")
            args["check_mode"] = True
        if "progress" in wanted and "progress" not in args:
            args["progress"] = lambda data: tell("progress", data)
        value = main(**args)
        if hasattr(value, "__await__"):
            value = wait_for(value)
        return tell("value", value)
    except Exception as error:
        tell_of(error)
        raise SystemExit(1) from error


def load(module):
    """The module's `main`. Imported under a name that no other module has."""
    made = type(sys)(launch.NATIVE)
    made.__file__ = module.path
    sys.modules[launch.NATIVE] = sys.modules["__main__"] = made
    sys.argv = [module.path]
    exec(module.code, made.__dict__)
    if not hasattr(made, "main"):
        raise AttributeError("The module has no function main")
    return made.main


def parameters(function):
    """The names that a function takes as keywords, whatever decorates it."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if code else ()


def wait_for(value):
    import asyncio

    async def result():
        return await value

    if hasattr(asyncio, "run"):
        return asyncio.run(result())
    return asyncio.get_event_loop().run_until_complete(result())


def tell_of(error):
    """A module may fail with data of its own, in the exception's `result`."""
    data = getattr(error, "result", None)
    if isinstance(data, dict):
        try:
            return tell("value", dict({"msg": str(error)}, **dict(data, failed=True)))
        except (TypeError, ValueError, RecursionError):
            pass  # it is not JSON: the exception must do
    tell("exception", about(error))


def about(error):
    """What the gate is told of any other."""
    import traceback

    trace = child.theirs(error.__traceback__)
    lines = traceback.format_exception(type(error), error, trace)
    return {
        "type": type(error).__name__[:1000],
        "message": str(error)[:500000],
        "traceback": "".join(lines)[-500000:],
    }


def tell(kind, value):
    """Says something to the gate; ValueError or TypeError for what cannot be."""
    data = frames.dumps({kind: value}).encode() + b"\n"
    frames.check(data, frames.MAX_DEPTH - 1, frames.MAX_VALUES - 100)
    if len(data) > MAX_VALUE:
        raise ValueError("It is longer than %d bytes" % MAX_VALUE)
    while data:
        data = data[os.write(3, data) :]
