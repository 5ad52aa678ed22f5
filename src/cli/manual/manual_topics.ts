// The topics of manual pages besides ftl(1). `ftl man TOPIC` prints ftl-TOPIC(7).

/** The topics, in the order of the help. */
export const MANUAL_TOPICS = [
  "patterns",
  "inventory",
  "modules",
  "jobs",
  "console",
] as const;

/** A topic. */
export type ManualTopic = typeof MANUAL_TOPICS[number];
