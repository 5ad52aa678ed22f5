# A native module of the demo: `main` takes its arguments as keywords, may be
# async, and returns the result.
import os
import platform


async def main(greeting="hello"):
    return {
        "greeting": greeting,
        "system": platform.system(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }
