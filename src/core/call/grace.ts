// How long a host is waited for once its work is to end.

/**
 * After a cancel, in milliseconds. The rest of ftl's end has to fit into the two
 * seconds after ^C as well.
 */
export const CANCEL_MS = 1_500;
