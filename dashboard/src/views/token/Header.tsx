/** Who a token is and how it stands. */
import { Link } from "react-router";
import { figures } from "../../model/figures.js";
import { nameIn, texts } from "../../model/texts.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Token } from "../../model/types.js";
import { Age, Amount, Change, Curve } from "../parts/Figure.js";
import { Picture } from "../parts/Picture.js";
import { Star } from "../parts/Star.js";
import { Address, Copy, explorerOf, Outside } from "../people/Address.js";
import css from "./Header.module.css";

const said = tokenTexts.header;

export function Header({ token, isLive }: { token: Token; isLive: boolean }) {
  const name = token.name ?? texts.unnamed;
  const unit = token.quote.symbol ?? "";
  return (
    <header className={css.header}>
      <Picture token={token} size={56} />
      <div className={css.who}>
        <h1 className={css.name}>
          <span>{name}</span> <span className={css.ticker}>{token.symbol ?? texts.unknown}{token.symbol && <Copy text={token.symbol} what={said.ticker} />}</span>
          <Star mint={token.mint} name={name} />
        </h1>
        <p className={css.facts}>
          <span className={css.stage} data-stage={token.stage}>{texts.stages[token.stage]}</span>
          {token.launchpad && <Link to={`/browse?launchpad=${encodeURIComponent(token.launchpad)}`}>{nameIn(texts.launchpads, token.launchpad)}</Link>}
          {token.project?.category && <Link to={`/browse?category=${encodeURIComponent(token.project.category)}`}>{nameIn(texts.categories, token.project.category)}</Link>}
          <span className={css.mint} title={token.mint}>{token.mint.slice(0, 6)}…{token.mint.slice(-6)}<Copy text={token.mint} what={said.mint} /></span>
          {token.creator && <span className={css.mint}>{tokenTexts.creator.title} <Address address={token.creator} to="creator" /><Copy text={token.creator} what={said.creator} /></span>}
        </p>
        <Links token={token} />
        {token.description && <p className={css.about}>{token.description}</p>}
      </div>
      <dl className={css.figures} data-stale={!isLive || undefined}>
        <Figure name={said.price}><span title={`${figures.exact(token.price)} ${unit}`.trim()}>{figures.price(token.price)} <small>{unit}</small></span>{token.priceUsd && <small> {figures.dollars(token.priceUsd)}</small>}</Figure>
        <Figure name={said.change}><Change share={token.windows["24h"]?.priceChange} /></Figure>
        <Figure name={said.marketCap}><Amount value={token.marketCap} unit={unit} usd={token.marketCapUsd} /></Figure>
        <Figure name={said.liquidity}><Amount value={token.liquidity} unit={unit} usd={token.liquidityUsd} /></Figure>
        <Figure name={said.holders}>{figures.whole(token.holders)}</Figure>
        <Figure name={said.age}><Age time={token.launchedAt} /></Figure>
      </dl>
      <div className={css.curve}><Curve progress={token.progress} /></div>
      {/* What is a second old is no news; what is not live is marked. */}
      <p className={css.asOf} data-stale={!isLive || undefined}>
        {isLive ? `${tokenTexts.asOf} ` : ""}<time dateTime={token.asOf}>{isLive ? figures.clock(token.asOf) : tokenTexts.stale(figures.clock(token.asOf))}</time>
      </p>
    </header>
  );
}

function Figure({ name, children }: { name: string; children: React.ReactNode }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>;
}

/** Links from the token's document are whoever's; only https is followed. */
function Links({ token }: { token: Token }) {
  const { website, x, telegram } = token.links;
  const named = [[said.website, website], [said.x, x], [said.telegram, telegram], [said.post, token.post.url]] as const;
  return (
    <p className={css.links}>
      <Outside href={explorerOf("token", token.mint)}>{said.explorer}</Outside>
      {named.map(([name, href]) => href?.startsWith("https://") && (
        <span key={name} title={said.untrusted}><Outside href={href}>{name}</Outside></span>
      ))}
    </p>
  );
}
