# Echoes its input, 180 bytes at a time, each after a child has worked as long as one
# that runs ping.
import os
import time

while True:
    left = 180
    while left:
        data = os.read(0, left)
        if not data:
            os._exit(0)
        left -= len(data)
    pid = os.fork()
    if pid == 0:
        end = time.process_time() + 0.005
        while time.process_time() < end:
            pass
        os._exit(0)
    os.waitpid(pid, 0)
    os.write(1, b"A" * 180)
