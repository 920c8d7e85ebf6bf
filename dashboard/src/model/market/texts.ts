/** Texts of the market's page. */
export const marketTexts = {
  title: "Market",
  asOf: (time: string) => `As of ${time}`,
  failed: "The figures could not be loaded",
  empty: "Nothing was traded yet",
  window: "Window",
  quote: (name: string) => `in ${name}`,
  unknownQuote: "an unknown token",
  totals: { volume: "Volume", trades: "Trades", launches: "Launches", graduations: "Graduations", buyShare: "Buys" },
  launchpads: {
    title: "By launchpad", launchpad: "Launchpad", launches: "Launches", graduations: "Graduations", trades: "Trades",
    buys: "Buys", sells: "Sells", volume: "Volume", share: "Share of volume", unknown: "Unknown", window: "Window", quote: "Quote",
  },
  cohort: {
    title: "Launched within the last 24 hours",
    all: (count: string) => `All ${count} launches`,
    some: (count: string, since: string) => `The newest ${count} launches, since ${since}; earlier ones are left out`,
  },
  funnel: {
    title: "From launch to graduation", step: "Step", count: "Tokens", share: "Of the launches",
    launched: "Launched", traded: "More than one trader", halfway: "Half of the curve", completed: "Curve completed", migrated: "In its pool",
  },
  hours: { title: "Launches by hour", launches: "Launches", completed: "Completed", said: (hour: string, launches: number, completed: number) => `${hour}: ${launches} launched, ${completed} completed` },
  categories: {
    title: "By category", category: "Category", launches: "Launches", completed: "Completed", traders: "Traders", volume: "Volume 24h", quote: "Quote",
    unread: "Not read yet",
  },
  delays: {
    title: "From post to launch", none: "No token of these has a matched post", bin: "Delay", count: "Tokens",
    summary: (count: string, median: string, least: string, most: string) => `${count} with a post · median ${median} · ${least} to ${most}`,
    before: "Before the post", upTo: (from: string, to: string) => `${from} to ${to}`, over: (from: string) => `${from} or more`,
    note: "The chain's times are whole seconds; a launch can be timed before its post.",
  },
} as const;
