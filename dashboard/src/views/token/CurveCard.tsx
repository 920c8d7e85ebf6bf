/** How far a token's curve is from its threshold. Its shape is not drawn: the API does not tell its segments. */
import { compare, minus } from "../../model/decimal.js";
import { figures } from "../../model/figures.js";
import { type Arc, pathOf, pointAt } from "../../model/token/arc.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Token } from "../../model/types.js";
import { Age, Amount } from "../parts/Figure.js";
import { explorerOf, Outside } from "../people/Address.js";
import { Card, Facts } from "../table/Card.js";
import css from "./Parts.module.css";

const said = tokenTexts.curve;
const ARC: Arc = { centre: { x: 100, y: 96 }, radius: 80 };

export function CurveCard({ token }: { token: Token }) {
  const { curve, progress, stage, quote, migratedAt, migratedPool: pool, completedAt } = token;
  const unit = quote.symbol ?? "";
  const isPool = stage === "migrated";
  const collected = curve.quoteReserve;
  const threshold = curve.threshold;
  const missing = collected && threshold && compare(threshold, collected) > 0 ? minus(threshold, collected) : "0";
  return (
    <Card title={isPool ? said.pool : said.title} area="curve">
      {!isPool && progress !== null && progress !== undefined && <Picture {...{ token, progress }} />}
      <Facts rows={[
        [isPool ? said.reserve : said.collected, <Amount key="" value={collected} unit={unit} />],
        threshold && !isPool ? [said.threshold, <Amount key="" value={threshold} unit={unit} />] : null,
        threshold && !isPool ? [said.missing, <Amount key="" value={missing} unit={unit} />] : null,
        [isPool ? said.tokens : said.left, <Amount key="" value={curve.baseReserve} />],
        completedAt ? [said.completed, <Age key="" time={completedAt} />] : null,
        migratedAt ? [said.migrated, <Age key="" time={migratedAt} />] : null,
        isPool && pool ? [said.address, <Outside key="" href={explorerOf("account", pool)}>{pool.slice(0, 6)}…{pool.slice(-6)}</Outside>] : null,
      ]} />
      {!isPool && progress !== null && progress !== undefined && <p className={css.quiet}>{said.shape}</p>}
    </Card>
  );
}

function Picture({ token, progress }: { token: Token; progress: number }) {
  const { curve, quote } = token;
  const share = figures.share(progress);
  const amount = (value: string | null | undefined) => `${figures.short(value)} ${quote.symbol ?? ""}`.trim();
  const end = pointAt(ARC, progress);
  return (
    <svg className={css.arc} viewBox="0 0 200 124" role="img"
      aria-label={curve.threshold ? said.said(share, amount(curve.quoteReserve), amount(curve.threshold)) : said.of(share)}>
      <path d={pathOf(ARC, 0, 1)} className={css.track} />
      {progress > 0 && <path d={pathOf(ARC, 0, progress)} className={css.done} data-full={progress >= 1 || undefined} />}
      <circle cx={end.x} cy={end.y} r="7" className={css.knob} data-full={progress >= 1 || undefined} />
      <text x="100" y="84" className={css.share}>{share}</text>
      <text x="20" y="121" className={css.end}>0</text>
      <text x="180" y="121" className={css.end}>{curve.threshold ? figures.short(curve.threshold) : "100 %"}</text>
    </svg>
  );
}
