/** What the API knows of a token that speaks for caution. Signals, never a verdict. */
import type { Schemas, Token } from "../types.js";

export type CreatorFigures = Schemas["CreatorFigures"];

export interface Signal {
  name: "top10" | "creatorHolds" | "creatorLaunches" | "spam" | "post" | "links";
  isWarning: boolean;
  /** A share of 0 to 1 where the signal is one. */
  share?: number;
  /** Launches and completed ones of the creator. */
  counts?: readonly [number, number];
  words?: readonly string[];
}

/** Ten holders that have half of everything can end a market. */
const TOP10_MUCH = 0.5;
const CREATOR_MUCH = 0.1;
/** From here the analysis counts a text as spam. */
const SPAM_FROM = 0.4;
/** So many launches of which none was completed. */
const LAUNCHES_MANY = 3;

/** What the analysis found, null where nobody has read anything. */
export function spamOf(project: Token["project"]): { score: number; reasons: readonly string[] } | null {
  const spam = project?.spam;
  return spam ? { score: spam.score ?? 0, reasons: spam.reasons ?? [] } : null;
}

/** The signals of which something is known, in a fixed order. */
export function signalsOf(token: Token, creator: CreatorFigures | null): Signal[] {
  const { top10Share, creatorShare, project, post, links } = token;
  const spam = spamOf(project);
  const all: (Signal | null)[] = [
    top10Share === null || top10Share === undefined ? null : { name: "top10", share: top10Share, isWarning: top10Share >= TOP10_MUCH },
    creatorShare === null || creatorShare === undefined
      ? null
      : { name: "creatorHolds", share: creatorShare, isWarning: creatorShare >= CREATOR_MUCH },
    creator && {
      name: "creatorLaunches", counts: [creator.launches, creator.completed],
      isWarning: creator.launches >= LAUNCHES_MANY && creator.completed === 0,
    },
    spam && { name: "spam", share: spam.score, words: spam.reasons, isWarning: spam.score >= SPAM_FROM },
    post.status === "ambiguous" ? { name: "post", isWarning: true } : null,
    links.website || links.x || links.telegram ? null : { name: "links", isWarning: false },
  ];
  return all.filter((one) => one !== null);
}
