// Between the steps of a connect, the NATS client removes all listeners of its socket,
// also while it reads files (lib/node_transport.js). A server that resets the connection
// then, as after a refused login, would end the program with an uncaught error. Sockets
// of the client therefore always have a listener for errors; the client itself sees that
// they are closed. Nothing else in the process makes sockets with these functions.
import net, { type Socket } from "node:net";
import tls from "node:tls";

// deno-lint-ignore no-explicit-any -- overloaded functions
type Open = (...args: any[]) => Socket;

function quiet(open: Open): Open {
  return (...args) => {
    const socket = open(...args);
    const { removeAllListeners } = socket;
    socket.removeAllListeners = (...events) => {
      removeAllListeners.apply(socket, events);
      return socket.on("error", () => {});
    };
    return socket;
  };
}

Object.assign(net, { createConnection: quiet(net.createConnection as Open) });
Object.assign(tls, { connect: quiet(tls.connect as Open) });
