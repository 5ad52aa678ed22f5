// A link on a connection of this process. What it needs is loaded when a fleet makes
// the first one: with a session none may be needed.
import type { Budget } from "../../protocol/reply_budget.ts";
import type { BecomeTrials } from "../become/password_trials.ts";
import { type HostRoute, routeKey } from "../route/host_endpoint.ts";
import type { Routes } from "../route/routes.ts";
import { transportTo } from "../route/transport_to.ts";
import type { Transports } from "../route/transports.ts";
import type { LinkPart } from "./host_link.ts";
import { Link } from "./link.ts";

/** What the links of a fleet share. */
export interface OwnLinkOptions extends LinkPart {
  readonly routes: Routes;
  readonly transports: Transports;
  readonly budget: Budget;
  readonly trials: BecomeTrials;
}

/** Makes the link of a host. */
export function ownLink(
  route: HostRoute,
  { routes, transports, store, ...part }: OwnLinkOptions,
): Link {
  return new Link({
    ...part,
    route,
    transport: () =>
      transportTo(route, {
        transports,
        notes: store?.hostNotes,
        onFallback: ({ name }, reason) => routes.warnOf(name, reason),
      }),
    hinted: (become) =>
      store?.hints.gateOn(routeKey(route, become)) ?? new Set(),
    onKept: (ids, become) => store?.hints.note(routeKey(route, become), ids),
  });
}
