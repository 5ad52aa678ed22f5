# Native modules: `main`, async or not, is called with the arguments. What it
# returns, reports or raises is sent to the gate as lines of JSON on descriptor 3.
import os
import sys

from . import child, frames
from .output import MAX_EXCEPTION, MAX_VALUE


def run(call):
    try:
        main = load(call.module)
        args = dict(call.args)
        wanted = parameters(main)
        if call.check:
            if "check_mode" not in wanted:
                return report("skipped", "It has no parameter check_mode")
            args["check_mode"] = True
        if "progress" in wanted and "progress" not in args:
            args["progress"] = lambda data: report("progress", data)
        value = main(**args)
        if hasattr(value, "__await__"):
            value = wait_for(value)
        return report("value", value)
    except Exception as error:
        report_error(error)
        raise SystemExit(1) from error


def load(module):
    """The module's `main`. It is imported under a name that no other module has."""
    made = type(sys)(child.NATIVE)
    made.__file__ = module.path
    sys.modules[child.NATIVE] = sys.modules["__main__"] = made
    sys.argv = [module.path]
    exec(module.code, made.__dict__)
    if not hasattr(made, "main"):
        raise AttributeError("The module has no function main")
    return made.main


def parameters(function):
    """The names that a function takes as keywords, with or without decorators."""
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


def report_error(error):
    """Reports an exception, or the data in its member `result` if it has any."""
    data = getattr(error, "result", None)
    if isinstance(data, dict):
        try:
            return report("value", dict({"msg": str(error)}, **dict(data, failed=True)))
        except (TypeError, ValueError, RecursionError):
            pass  # it is not JSON: report the exception
    report("exception", describe(error))


def describe(error):
    import traceback

    trace = child.without_ours(error.__traceback__)
    lines = traceback.format_exception(type(error), error, trace)
    return {
        "type": type(error).__name__[:1000],
        "message": str(error)[:MAX_EXCEPTION],
        "traceback": "".join(lines)[-MAX_EXCEPTION:],
    }


def report(kind, value):
    """Sends a value to the gate; ValueError or TypeError if it cannot be sent."""
    data = frames.dumps({kind: value}).encode() + b"\n"
    frames.check(data, frames.MAX_DEPTH - 1, frames.MAX_VALUES - 100)
    if len(data) > MAX_VALUE:
        raise ValueError("It is longer than %d bytes" % MAX_VALUE)
    while data:
        data = data[os.write(3, data) :]
