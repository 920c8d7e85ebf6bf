/** A chart's axis is in UTC, as the chain's days are: so are the times that are read beside it. */
const FORMAT = new Intl.DateTimeFormat(globalThis.navigator?.language, { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

/** A time in RFC 3339, or in milliseconds. */
export function utc(time: string | number): string {
  return FORMAT.format(new Date(time));
}
