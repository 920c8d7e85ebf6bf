/** One token on a board: who it is on the left, how it does on the right, its curve below. */
import { memo } from "react";
import { Link } from "react-router";
import { figures } from "../../model/figures.js";
import { nameIn, texts } from "../../model/texts.js";
import type { Token, Window } from "../../model/types.js";
import { Age, Amount, Change, Curve } from "../parts/Figure.js";
import { Picture } from "../parts/Picture.js";
import { Star } from "../parts/Star.js";
import css from "./TokenRow.module.css";

export const ROW_HEIGHT = 68;

interface TokenRowProps {
  token: Token;
  window: Window;
  isCurrent: boolean;
  when: "launchedAt" | "completedAt";
}

/** A token that did not change is the same object, so its row is not drawn again. */
export const TokenRow = memo(function TokenRow({ token, window, isCurrent, when }: TokenRowProps) {
  const name = token.name ?? texts.unnamed;
  const tab = isCurrent ? 0 : -1;
  const figured = token.windows[window];
  return (
    <article className={css.row}>
      <Picture token={token} />
      <div className={css.who}>
        <p className={css.names}>
          <Link className={css.link} to={`/token/${token.mint}`} tabIndex={tab}>
            <strong>{token.symbol ?? texts.unknown}</strong> <span className={css.name}>{name}</span>
          </Link>
        </p>
        <p className={css.facts}>
          {token.origin !== "launch" && <span className={css.tag} title={texts.row.olderAbout}>{texts.row.older}</span>}
          <span title={texts.row.age}><Age time={token[when] ?? token.launchedAt} /></span>
          <span title={texts.row.holders}><Holders /> {figures.count(token.holders)}</span>
          {token.post.author?.username && (
            <span className={css.author} title={texts.row.author(token.post.author.username)}>@{token.post.author.username}</span>
          )}
          {token.project && <span className={css.tag}>{nameIn(texts.categories, token.project.category)}</span>}
          <span>{nameIn(texts.launchpads, token.launchpad ?? "")}</span>
        </p>
      </div>
      <div className={css.how}>
        <p><Label text={texts.row.marketCapShort} /> <Amount value={token.marketCap} usd={token.marketCapUsd} unit={token.quote.symbol} /></p>
        <p className={css.second}><Label text={texts.row.volumeShort} /> <Amount value={figured?.volume} usd={figured?.volumeUsd} /> <Change share={figured?.priceChange} /></p>
      </div>
      <Star mint={token.mint} name={name} tabIndex={tab} />
      <div className={css.curve}><Curve progress={token.progress} /></div>
    </article>
  );
});

function Label({ text }: { text: string }) {
  return <span className={css.label}>{text}</span>;
}

function Holders() {
  return (
    <svg viewBox="0 0 12 12" width="10" height="10" role="img" aria-label={texts.row.holders}>
      <circle cx="6" cy="3.6" r="2.3" fill="currentColor" />
      <path d="M1.4 11c.3-2.8 2.2-4.2 4.6-4.2s4.300 1.400 4.600 4.200z" fill="currentColor" />
    </svg>
  );
}
