// How long ftl waits for a host whose call is to end.

/**
 * The wait after a cancel, in ms. With it and the rest of its cleanup, ftl ends
 * within two seconds after ^C.
 */
export const CANCEL_GRACE_MS = 1_500;
