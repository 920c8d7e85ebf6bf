/** Texts of the pages of a token, a creator, a wallet and a post. */

const many = (count: number, one: string, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

export const tokenTexts = {
  unknownToken: "Nobody has seen this token yet",
  unknownHint: "It appears here with its first transaction.",
  failed: "This could not be loaded",
  again: "Try again",
  csv: "CSV",
  csvOf: (table: string) => `Download as CSV: ${table}`,
  tableOf: (caption: string) => `${caption}, table`,
  copy: (what: string) => `Copy ${what}`,
  copied: (what: string) => `Copied ${what}`,
  notCopied: "The browser did not let us copy",
  stale: (since: string) => `As of ${since}, not live`,
  asOf: "As of",
  older: "Older ones",
  all: "That is all",
  header: {
    mint: "mint", creator: "creator", pool: "pool",
    price: "Price", marketCap: "Market cap", liquidity: "Liquidity", holders: "Holders", age: "Age", change: "24h",
    website: "Website", x: "X", telegram: "Telegram", explorer: "Explorer", post: "Post on X",
    untrusted: "Given by whoever launched the token",
    ticker: "ticker",
  },
  chart: {
    title: "Chart", loading: "Loading the chart…", empty: "No trade with a price yet",
    resolution: "Resolution", kind: "Show", price: "Price", marketCap: "Market cap",
    capHint: "Price times today's supply",
    final: "final", pending: "may change", open: "O", high: "H", low: "L", close: "C", volume: "Vol", trades: "Trades",
    older: "Loading older candles…", failed: "Older candles could not be loaded",
    said: (name: string, resolution: string, close: string, unit: string) =>
      `Candles of ${name}, ${resolution} each; the last closed at ${close} ${unit}. The table has them as text.`,
    marked: (mark: string, time: string) => `${mark}: ${time}.`,
    asTable: "As a table", asChart: "As a chart", table: (resolution: string) => `Candles, ${resolution}`,
    time: "Time, UTC", attribution: "Charts by TradingView", zone: "UTC · intervals with trades",
    marks: { complete: "Completed", migrate: "To its pool" },
  },
  windows: {
    title: "Windows", window: "Window", volume: "Volume", change: "Change", trades: "Trades", buys: "Buys", sells: "Sells",
    traders: "Traders", split: (buys: string, sells: string) => `${buys} buys, ${sells} sells`,
  },
  curve: {
    title: "Curve", pool: "Pool", of: (share: string) => `${share} of the threshold`,
    said: (share: string, collected: string, threshold: string) => `${share}: ${collected} of ${threshold} collected`,
    collected: "Collected", threshold: "Threshold", missing: "Still to collect", left: "Tokens left on the curve",
    reserve: "In the pool", tokens: "Tokens in the pool", completed: "Completed", migrated: "In its pool since",
    address: "Address", shape: "How far it is, not its shape: the API does not tell the points of a curve.",
  },
  trades: {
    title: "Trades", empty: "No trade yet", time: "Time", age: "Age", side: "Side", amount: "Tokens", quote: "For", price: "Price",
    trader: "Trader", fee: "Fee", buy: "Buy", sell: "Sell", transaction: "Transaction", slot: "Slot",
    refilling: "Some were missed and are being loaded",
    held: "Paused while you read", news: (count: number, isAll: boolean) => `${count}${isAll ? " or more" : ""} new`,
  },
  holders: {
    title: "Holders", empty: "Nobody holds it", rank: "Rank", address: "Address", amount: "Amount", share: "Share",
    creator: "Creator", distribution: "How the supply is spread",
    parts: { curve: "Curve or pool", top1: "Largest holder", top10: "2 to 10", top50: "11 to 50", top100: "51 to 100", others: "Others" },
  },
  creator: {
    title: "Creator", launches: "Launches", completed: "Completed", migrated: "In a pool", first: "First launch", last: "Last launch",
    tokens: "Launched tokens", nothing: "This address has launched nothing",
    summary: (launches: number, completed: number) =>
      `${many(launches, "launch", "launches")}, ${completed} completed`,
  },
  posts: {
    title: "Post", empty: "No post asked for it", pending: "Looking for its post", ambiguous: "Several posts may have asked for it",
    matched: "Matched", candidate: "Candidate", confidence: (share: string) => `${share} sure`, score: (points: number) => many(points, "point"),
    delay: (time: string) => `Launched ${time} after the post`, early: (time: string) => `Launched ${time} before the post`,
    deleted: "The text is not there: deleted, or never seen", onX: "On X", followers: "followers",
    evidence: "Because of", asked: "Asked for", similar: "Posts like it", tokens: "Tokens it asked for",
    verified: "verified",
  },
  engagement: {
    title: "How it did on X", age: "After", at: "Counted at", views: "Views", likes: "Likes", reposts: "Reposts",
    replies: "Replies", quotes: "Quotes", bookmarks: "Bookmarks",
  },
  project: {
    title: "What it is about", category: "Category", language: "Language", features: "Claims",
    spam: "Signs of spam", none: "none found", unread: "Nobody has read its text yet",
    engine: (engine: string, version: string) => `Read by ${engine} ${version}`, degraded: "by rules alone",
  },
  similar: { title: "Similar projects", empty: "None found yet", similarity: "Alike", token: "Token", marketCap: "Market cap", stage: "Stage" },
  signals: {
    title: "Signals", about: "Facts that speak for caution; no verdict", warn: "Look twice", none: "Nothing known yet",
    top10: (share: string) => `The ten largest hold ${share} of the supply`,
    creatorHolds: (share: string) => `The creator holds ${share}`,
    creatorLaunches: (launches: number, completed: number) =>
      `The creator launched ${many(launches, "token")}, ${completed} completed`,
    spam: (share: string, reasons: string) => `Signs of spam: ${share}${reasons && ` (${reasons})`}`,
    post: "It is not clear which post asked for it",
    links: "Its document names no links",
  },
  wallet: {
    title: "Wallet", positions: "Positions", trades: "Newest trades", noPositions: "It holds no token we know of", noTrades: "No trade yet",
    asCreator: "What it launched",
  },
} as const;

/** A duration in its largest unit, rounded down: 90 s is 1m. */
export function lasting(ms: number): string {
  const seconds = Math.floor(Math.abs(ms) / 1000);
  if (seconds < 1) return `${Math.abs(ms)} ms`;
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7_200) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3_600)} h`;
}
