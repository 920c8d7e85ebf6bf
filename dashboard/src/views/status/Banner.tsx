/** Says aloud when what is shown cannot be trusted to be new, and what happens about it. */
import { accessTexts } from "../../model/access.js";
import { figures } from "../../model/figures.js";
import { truthOf } from "../../model/stream/health.js";
import { texts } from "../../model/texts.js";
import { useNow } from "../../state/clock.js";
import { useAppDispatch, useAppSelector } from "../../state/hooks.js";
import { hurried } from "../../state/live.js";
import { KEY_PLACE } from "../access/KeyChip.js";
import css from "./Status.module.css";

/** Shorter cuts are mended before anybody has read that they were there. */
const WORTH_SAYING_MS = 1_500;

export function Banner() {
  const dispatch = useAppDispatch();
  const truth = useAppSelector(({ live }) => truthOf(live));
  const { lostAt, reason } = useAppSelector(({ live }) => live.connection);
  const heardAt = useAppSelector(({ live }) => live.connection.heardAt);
  const savedAt = useAppSelector(({ live }) => live.savedAt);
  const refusal = useAppSelector(({ access }) => access.refusal);
  const isStale = useAppSelector(({ rest }) => rest.isStale);
  const now = useNow();
  const isLost = truth === "waiting" && lostAt !== null && now - lostAt > WORTH_SAYING_MS;
  const { banner: said } = texts;
  return (
    // Always there, since what appears together with its text is not read out.
    <div role="status" className={css.live}>
      {isLost && (
        <p className={css.banner}>
          {savedAt !== null && said.offline(figures.clock(savedAt))}
          {savedAt === null && heardAt !== null && said.lost(figures.clock(heardAt))} {said.trying}
          <button type="button" onClick={() => dispatch(hurried())}>{said.now}</button>
        </p>
      )}
      {truth === "paused" && <p className={css.banner}>{said.paused}</p>}
      {isStale && <p className={css.banner}>{said.stale}</p>}
      {truth === "over" && <p className={css.banner}>{said.over(reason ?? "")} <ToKey /></p>}
      {truth !== "over" && refusal !== null && <p className={css.banner}>{accessTexts.refusal(refusal)} <ToKey /></p>}
    </div>
  );
}

function ToKey() {
  return <button type="button" popoverTarget={KEY_PLACE}>{accessTexts.enter}</button>;
}
