/** One suggestion, with what matched in it. */
import { Fragment, type ReactNode } from "react";
import { nameIn, texts } from "../../model/texts.js";
import type { Hit } from "../../model/types.js";
import { Amount } from "../parts/Figure.js";
import { Picture } from "../parts/Picture.js";
import type { Suggestion } from "./useSuggestions.js";
import css from "./Search.module.css";

type Spans = Hit["highlights"][string];

export function Option({ option: { token, post, highlights } }: { option: Suggestion }) {
  if (token) {
    return (
      <>
        <Picture token={token} size={28} />
        <span className={css.text}>
          <strong>{marked(token.symbol ?? texts.unknown, highlights["symbol"])}</strong> {marked(token.name ?? texts.unnamed, highlights["name"])}
          <small>{nameIn(texts.launchpads, token.launchpad ?? "")} · {token.mint.slice(0, 4)}…{token.mint.slice(-4)}</small>
        </span>
        <span className={css.figure}><Amount value={token.marketCap} usd={token.marketCapUsd} unit={token.quote.symbol} /></span>
      </>
    );
  }
  return (
    <>
      <span className={css.sign} aria-hidden="true">𝕏</span>
      <span className={css.text}>
        {marked(post?.text ?? "", highlights["text"])}
        <small>{texts.search.post(post?.author.username ?? texts.unknown)}</small>
      </span>
    </>
  );
}

/** A text with its matches marked; spans count code points, which are not JavaScript's units. */
function marked(text: string, spans: Spans | undefined): ReactNode {
  const points = [...text];
  let end = 0;
  const parts = (spans ?? []).map((span) => {
    const before = points.slice(end, span.start).join("");
    end = span.end;
    return <Fragment key={span.start}>{before}<mark>{points.slice(span.start, span.end).join("")}</mark></Fragment>;
  });
  return <>{parts}{points.slice(end).join("")}</>;
}
