/** What is said of keys, and of being refused. */

const refusals: Record<string, string> = {
  notAuthorised: "This server answers those who have a key.",
  badCredentials: "Nobody gave out this key.",
  keyExpired: "This key has expired.",
  keyRevoked: "This key was revoked.",
  tokenExpired: "This token has expired; exchange the key for another one.",
  forbidden: "The key is good, but not for all that this page shows.",
  unreachable: "The server could not be asked whether this key is good. Try again.",
};

export const accessTexts = {
  title: "API key",
  none: "API key: none",
  kept: "API key: kept in this browser",
  about: "Servers may answer only those who have a key, or others less often. It stays in this browser and is shown to this server alone.",
  label: "Key or token",
  another: "Another key or token",
  use: "Use it",
  forget: "Forget the key",
  noKey: "That is no key: it has no spaces, and none but plain letters, digits and signs.",
  good: (name: string, scopes: string) => `Good: “${name}”, for ${scopes}.`,
  left: (requests: string) => `${requests} requests are left today.`,
  enter: "Enter a key",
  /** Why nobody was answered; a code that is not known is at least named. */
  refusal: (code: string) => refusals[code] ?? `The server does not answer: ${code}.`,
} as const;
