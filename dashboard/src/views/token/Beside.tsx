/** What stands beside a token: signals, its creator's other launches, projects like it. */
import { Link } from "react-router";
import { figures } from "../../model/figures.js";
import { type Signal, signalsOf } from "../../model/token/signals.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Token } from "../../model/types.js";
import { useCreatorQuery, useSimilarTokensQuery } from "../../state/tokenApi.js";
import { Age } from "../parts/Figure.js";
import { Note } from "../parts/Note.js";
import { Answer, Card, Facts } from "../table/Card.js";
import { Tokens } from "./Tokens.js";
import css from "./Parts.module.css";

export function SignalsCard({ token }: { token: Token }) {
  const { currentData: creator } = useCreatorQuery(token.creator ?? "", { skip: !token.creator });
  const signals = signalsOf(token, creator?.figures ?? null);
  const { signals: said } = tokenTexts;
  return (
    <Card title={said.title} area="signals">
      {signals.length === 0 ? <p className={css.quiet}>{said.none}</p> : (
        <ul className={css.list}>
          {signals.map((one) => (
            <li key={one.name} className={css.signal} data-warn={one.isWarning || undefined}>
              <span aria-hidden="true">{one.isWarning ? "!" : "·"}</span>
              <span>{one.isWarning && <span className="hidden">{said.warn}: </span>}{wordsOf(one)}</span>
            </li>
          ))}
        </ul>
      )}
      <p className={css.quiet}>{said.about}</p>
    </Card>
  );
}

function wordsOf({ name, share, counts, words }: Signal): string {
  const { signals: said } = tokenTexts;
  if (name === "creatorLaunches") return said.creatorLaunches(counts?.[0] ?? 0, counts?.[1] ?? 0);
  if (name === "spam") return said.spam(figures.share(share), words?.join(", ") ?? "");
  if (name === "post" || name === "links") return said[name];
  return said[name](figures.share(share));
}

export function CreatorCard({ token }: { token: Token }) {
  const { creator: said } = tokenTexts;
  const answer = useCreatorQuery(token.creator ?? "", { skip: !token.creator });
  if (!token.creator) return null;
  return (
    <Card title={said.title} area="creator" isFlush aside={<Link to={`/creator/${token.creator}`}>{said.tokens}</Link>}>
      <Answer of={{ ...answer, data: answer.currentData }}>
        {({ figures: known, tokens }) => {
          const others = tokens.filter(({ mint }) => mint !== token.mint);
          return (
            <>
              <div className={css.padded}>
                <Facts rows={[
                  [said.launches, figures.whole(known.launches)],
                  [said.completed, figures.whole(known.completed)],
                  [said.migrated, figures.whole(known.migrated)],
                  [said.first, <Age key="" time={known.firstLaunchAt} />],
                ]} />
              </div>
              {others.length > 0 && <Tokens lines={others.slice(0, 5).map((one) => ({ token: one }))} caption={said.tokens} />}
            </>
          );
        }}
      </Answer>
    </Card>
  );
}

export function SimilarCard({ mint }: { mint: string }) {
  const { similar: said } = tokenTexts;
  const answer = useSimilarTokensQuery(mint);
  return (
    <Card title={said.title} area="similar" isFlush>
      <Answer of={{ ...answer, data: answer.currentData }}>
        {({ items }) => items.length ? <Tokens lines={items} caption={said.title} /> : <Note title={said.empty} />}
      </Answer>
    </Card>
  );
}
