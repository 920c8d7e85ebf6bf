/** Tokens launched within the last day: how far they came, what they are about, how fast they followed their posts. */
import { useMemo } from "react";
import { figures } from "../../model/figures.js";
import { categoriesOf, type CategoryRow, type Delays, delaysOf, type Funnel, funnelOf, type Hour, hoursOf } from "../../model/market/cohort.js";
import { marketTexts } from "../../model/market/texts.js";
import { nameIn, texts } from "../../model/texts.js";
import { lasting } from "../../model/token/texts.js";
import type { Token } from "../../model/types.js";
import { type LaunchedSince, useLaunchedSinceQuery } from "../../state/tokenApi.js";
import { Amount } from "../parts/Figure.js";
import { Note } from "../parts/Note.js";
import { Answer, Card } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import { Bar } from "./Bar.js";
import css from "./Market.module.css";

/** Of 200 tokens each: more would be a burden to the API that a page should not be. */
const PAGES = 5;
const POLL_MS = 30_000;
const HOURS = 24;

export function Cohort({ now, since }: { now: number; since: string }) {
  const answer = useLaunchedSinceQuery({ since, pages: PAGES }, { pollingInterval: POLL_MS, skipPollingIfUnfocused: true });
  return (
    <section aria-label={marketTexts.cohort.title}>
      <h2 className={css.section}>{marketTexts.cohort.title}{answer.data && <small>{coverage(answer.data)}</small>}</h2>
      <Answer of={answer} rows={6}>{({ tokens }) => <Parts tokens={tokens} now={now} />}</Answer>
    </section>
  );
}

function coverage({ tokens, isAll }: LaunchedSince): string {
  const count = figures.whole(tokens.length);
  return isAll ? marketTexts.cohort.all(count) : marketTexts.cohort.some(count, figures.date(tokens.at(-1)?.launchedAt));
}

function Parts({ tokens, now }: { tokens: readonly Token[]; now: number }) {
  const hour = Math.floor(now / 3_600_000);
  const funnel = useMemo(() => funnelOf(tokens), [tokens]);
  const hours = useMemo(() => hoursOf(tokens, now, HOURS), [tokens, hour]);
  const categories = useMemo(() => categoriesOf(tokens, "24h"), [tokens]);
  const delays = useMemo(() => delaysOf(tokens), [tokens]);
  if (!tokens.length) return <Note title={marketTexts.empty} />;
  return (
    <div className={css.cards}>
      <FunnelCard funnel={funnel} />
      <HoursCard hours={hours} />
      <Card title={marketTexts.categories.title} isFlush>
        <DataTable caption={marketTexts.categories.title} columns={CATEGORY_COLUMNS} rows={categories}
          keyOf={({ category, quote }) => `${category} ${quote}`} file="categories-24h" />
      </Card>
      <DelaysCard delays={delays} />
    </div>
  );
}

const { categories: named } = marketTexts;
const CATEGORY_COLUMNS: readonly DataColumn<CategoryRow>[] = [
  { key: "category", title: named.category, isHead: true, text: ({ category }) => category, cell: ({ category }) => category ? nameIn(texts.categories, category) : named.unread },
  { key: "launches", title: named.launches, text: ({ launches }) => launches, cell: ({ launches }) => figures.whole(launches) },
  { key: "completed", title: named.completed, text: ({ completed }) => completed, cell: ({ completed }) => figures.whole(completed) },
  { key: "volume", title: named.volume, text: ({ volume }) => volume, cell: ({ volume, quote }) => <Amount value={volume} unit={quote} /> },
  { key: "quote", title: named.quote, text: ({ quote }) => quote },
];

const STEPS = ["launched", "traded", "halfway", "completed", "migrated"] as const;
type Step = { name: (typeof STEPS)[number]; count: number; share: number };
const { funnel: said } = marketTexts;
const FUNNEL_COLUMNS: readonly DataColumn<Step>[] = [
  { key: "step", title: said.step, isHead: true, text: ({ name }) => said[name], cell: ({ name }) => said[name] },
  { key: "count", title: said.count, text: ({ count }) => count, cell: ({ count }) => figures.whole(count) },
  { key: "share", title: said.share, text: ({ share }) => share, cell: ({ share }) => <Bar share={share} /> },
];

function FunnelCard({ funnel }: { funnel: Funnel }) {
  const steps = STEPS.map((name) => ({ name, count: funnel[name], share: funnel.launched ? funnel[name] / funnel.launched : 0 }));
  return (
    <Card title={said.title} isFlush>
      <DataTable caption={said.title} columns={FUNNEL_COLUMNS} rows={steps} keyOf={({ name }) => name} file="funnel-24h" />
    </Card>
  );
}

function HoursCard({ hours }: { hours: readonly Hour[] }) {
  const { hours: words } = marketTexts;
  const most = Math.max(1, ...hours.map(({ launches }) => launches));
  const hourOf = (at: number) => new Date(at).toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
  return (
    <Card title={words.title} aside={<Legend />}>
      <ol className={css.hours}>
        {hours.map(({ at, launches, completed }) => (
          <li key={at} title={words.said(hourOf(at), launches, completed)}>
            <span className="hidden">{words.said(hourOf(at), launches, completed)}</span>
            <span className={css.count} aria-hidden="true">{launches || ""}</span>
            <span className={css.stack} aria-hidden="true" style={{ height: `${(launches / most) * 100}%` }} />
            <span className={css.done} aria-hidden="true">{completed ? "●".repeat(Math.min(3, completed)) : ""}</span>
          </li>
        ))}
      </ol>
      <p className={css.ends} aria-hidden="true"><span>{hourOf(hours[0]?.at ?? 0)}</span><span>{hourOf(hours.at(-1)?.at ?? 0)}</span></p>
    </Card>
  );
}

function Legend() {
  const { hours: words } = marketTexts;
  return <span><span className={css.swatch} aria-hidden="true" /> {words.launches} <span className={css.dot} aria-hidden="true">●</span> {words.completed}</span>;
}

type Bin = Delays["bins"][number] & { from: number | null };

function DelaysCard({ delays }: { delays: Delays | null }) {
  const { delays: words } = marketTexts;
  if (!delays) return <Card title={words.title}><Note title={words.none} /></Card>;
  const bins = delays.bins.map((bin, at) => ({ ...bin, from: delays.bins[at - 1]?.upTo ?? null }));
  const name = ({ from, upTo }: Bin) =>
    from === null ? words.before : upTo === null ? words.over(lasting(from)) : words.upTo(from === 0 ? "0 s" : lasting(from), lasting(upTo));
  const columns: readonly DataColumn<Bin>[] = [
    { key: "bin", title: words.bin, isHead: true, text: name, cell: name },
    { key: "count", title: words.count, text: ({ count }) => count, cell: ({ count }) => figures.whole(count) },
    { key: "share", title: "%", text: ({ count }) => count / delays.count, cell: ({ count }) => <Bar share={count / delays.count} /> },
  ];
  const duration = (ms: number) => `${ms < 0 ? "−" : ""}${lasting(ms)}`;
  return (
    <Card title={words.title} isFlush>
      <p className={css.note}>{words.summary(figures.whole(delays.count), duration(delays.median), duration(delays.least), duration(delays.most))}</p>
      <DataTable caption={words.title} columns={columns} rows={bins} keyOf={name} file="post-to-launch-24h" />
      <p className={css.note}>{words.note}</p>
    </Card>
  );
}
