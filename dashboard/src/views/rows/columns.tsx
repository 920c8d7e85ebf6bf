/** The columns of a table of tokens: what they show, and what they can be sorted by. */
import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Sort } from "../../model/filters.js";
import { figures } from "../../model/figures.js";
import { nameIn, texts } from "../../model/texts.js";
import type { Token, Window } from "../../model/types.js";
import { Age, Amount, Change, Curve } from "../parts/Figure.js";
import { Picture } from "../parts/Picture.js";
import { Star } from "../parts/Star.js";
import css from "./TokenTable.module.css";

export interface Column {
  key: string;
  title: (window: Window) => string;
  sort?: Sort;
  cell: (token: Token, window: Window) => ReactNode;
  isText?: boolean;
}

const { row } = texts;

export const COLUMNS: readonly Column[] = [
  { key: "token", title: () => row.token, isText: true, cell: (token) => <Who token={token} /> },
  { key: "age", title: () => row.age, sort: "launchedAt", cell: ({ launchedAt }) => <Age time={launchedAt} /> },
  { key: "marketCap", title: () => row.marketCap, sort: "marketCap", cell: (token) => <Amount value={token.marketCap} usd={token.marketCapUsd} unit={token.quote.symbol} /> },
  { key: "price", title: () => row.price, sort: "price", cell: ({ price }) => <span title={figures.exact(price)}>{figures.price(price)}</span> },
  { key: "change", title: row.change, cell: ({ windows }, window) => <Change share={windows[window]?.priceChange} /> },
  { key: "volume", title: () => row.volume("24h"), sort: "volume24h", cell: ({ windows }) => <Amount value={windows["24h"]?.volume} usd={windows["24h"]?.volumeUsd} /> },
  { key: "trades", title: () => row.trades, sort: "trades24h", cell: ({ windows }) => figures.whole(windows["24h"]?.trades) },
  { key: "holders", title: () => row.holders, sort: "holders", cell: ({ holders }) => figures.whole(holders) },
  { key: "liquidity", title: () => row.liquidity, sort: "liquidity", cell: ({ liquidity, liquidityUsd }) => <Amount value={liquidity} usd={liquidityUsd} /> },
  { key: "curve", title: () => row.progress, sort: "progress", cell: ({ progress }) => <Progress progress={progress} /> },
];

function Who({ token }: { token: Token }) {
  const name = token.name ?? texts.unnamed;
  return (
    <span className={css.who}>
      <Star mint={token.mint} name={name} />
      <Picture token={token} size={28} />
      <span className={css.names}>
        <Link to={`/token/${token.mint}`}><strong>{token.symbol ?? texts.unknown}</strong> {name}</Link>
        <small>
          {nameIn(texts.launchpads, token.launchpad ?? "")} · {texts.stages[token.stage as keyof typeof texts.stages]}
          {token.project && ` · ${nameIn(texts.categories, token.project.category)}`}
        </small>
      </span>
    </span>
  );
}

function Progress({ progress }: { progress: number | null | undefined }) {
  return (
    <span className={css.progress}>
      {figures.share(progress)} <Curve progress={progress} />
    </span>
  );
}
