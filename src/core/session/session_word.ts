/** The word that starts the process of a session, before its arguments. */
export const SESSION_PROCESS = "session-process";
