/** How the page is connected, how far the chain is, and all there is to say about it. */
import { useId, useState } from "react";
import { ageOf, figures } from "../../model/figures.js";
import { type Truth, truthOf } from "../../model/stream/health.js";
import type { ChainStatus } from "../../model/stream/live.js";
import { texts } from "../../model/texts.js";
import { useStatusQuery } from "../../state/api.js";
import { useAppSelector, usePlace } from "../../state/hooks.js";
import css from "./Status.module.css";

const POLL_MS = 2_000;
const LONG_MS = 600_000;
/** When the lag that was told last still holds. */
const isTold: ReadonlySet<Truth> = new Set<Truth>(["live", "late", "refilling"]);

export function StatusChip() {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const truth = useAppSelector(({ live }) => truthOf(live));
  const heartbeat = useAppSelector(({ live }) => live.connection.heartbeat);
  const { data: chain } = usePlace<ChainStatus>({ channel: "status", key: "all", maxRate: 2 });
  return (
    <>
      <button type="button" className={css.chip} popoverTarget={id} data-truth={truth}>
        <span className={css.dot} aria-hidden="true" />
        <span className="hidden">{texts.live.label}: </span>
        <span className={css.word} data-testid="truth">{texts.live[truth]}</span>
        {heartbeat && (
          <span className={css.slot}>
            {figures.whole(heartbeat.headSlot)}
            {isTold.has(truth) && heartbeat.lagMs !== null && ` · ${lag(heartbeat.lagMs)}`}
          </span>
        )}
      </button>
      <div id={id} popover="auto" className={css.popover} role="dialog" aria-label={texts.live.label}
        onToggle={({ newState }) => setOpen(newState === "open")}>
        {isOpen && <Details chain={chain} />}
      </div>
    </>
  );
}

function Details({ chain }: { chain: ChainStatus | null }) {
  const { connection, places } = useAppSelector(({ live }) => live);
  const { data: status } = useStatusQuery(undefined, { pollingInterval: POLL_MS });
  const { live: said } = texts;
  const all = Object.values(places);
  const sum = (count: "refills" | "resets") => figures.whole(all.reduce((total, one) => total + one[count], 0));
  const rows = [
    [said.slot, figures.whole(connection.heartbeat?.headSlot)],
    [said.complete, figures.whole(chain?.completeThroughSlot)],
    [said.chainTime, figures.date(chain?.chainTime)],
    [said.lag, connection.heartbeat?.lagMs == null ? texts.unknown : lag(connection.heartbeat.lagMs)],
    [said.places, said.placesOf(all.length)],
    [said.refills, sum("refills")],
    [said.resets, sum("resets")],
    [said.connections, figures.whole(connection.serial)],
  ];
  return (
    <>
      <dl className={css.facts}>
        {rows.map(([name, value]) => (
          <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
        ))}
      </dl>
      {status && (
        <>
          <h3>{said.sources}</h3>
          <ul className={css.sources}>
            {status.sources.map((one) => (
              <li key={`${one.name} ${one.kind}`} data-state={one.state}>
                <span>{one.name} <small>{one.kind}</small></span>
                <span>{said.source[one.state] ?? one.state}{one.detail && `, ${one.detail}`}</span>
              </li>
            ))}
          </ul>
          <p>{said.counted(figures.whole(status.counts.transactions), figures.whole(status.counts.trades), figures.whole(status.counts.tokens))}</p>
          <p>{said.store(status.store.kind, figures.whole(status.store.indexedSlot))}</p>
        </>
      )}
    </>
  );
}

/** Milliseconds below ten seconds, where they matter; of old recordings, no seconds. */
function lag(ms: number): string {
  if (ms > LONG_MS) return ageOf(new Date(0).toISOString(), ms);
  return ms < 10_000 ? texts.live.ms(figures.whole(ms)) : texts.live.seconds(figures.whole(Math.round(ms / 1000)));
}
