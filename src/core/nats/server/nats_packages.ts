// The packages of NATS, loaded together when a command connects. The bundle needs
// named imports here: of a CommonJS package that is imported on demand, it would
// export nothing by name.
import "./quiet_sockets.ts";
export {
  connect,
  credsAuthenticator,
  headers,
  nanos,
  nkeyAuthenticator,
} from "@nats-io/transport-node";
export { jetstream, jetstreamManager } from "@nats-io/jetstream";
export { Objm, setSha256Backend } from "@nats-io/obj";
