/** Who launched what, and what became of it. */
import { Link, useParams } from "react-router";
import { figures } from "../../model/figures.js";
import { tokenTexts } from "../../model/token/texts.js";
import { useCreatorQuery } from "../../state/tokenApi.js";
import { Age } from "../parts/Figure.js";
import { Note } from "../parts/Note.js";
import { useTitle } from "../parts/useTitle.js";
import { Answer, Card, Facts } from "../table/Card.js";
import { Tokens } from "../token/Tokens.js";
import { Person } from "./Person.js";
import css from "./People.module.css";

export default function CreatorPage() {
  const { address = "" } = useParams();
  const { creator: said, wallet } = tokenTexts;
  useTitle(`${said.title} ${address}`);
  const answer = useCreatorQuery(address);
  return (
    <div className={css.page}>
      <Person title={said.title} address={address}><Link to={`/wallet/${address}`}>{wallet.title}</Link></Person>
      <Answer of={{ ...answer, data: answer.currentData }}>
        {({ figures: known, tokens }) => known.launches === 0 ? <Note title={said.nothing} /> : (
          <>
            <Card title={said.summary(known.launches, known.completed)}>
              <Facts rows={[
                [said.launches, figures.whole(known.launches)], [said.completed, figures.whole(known.completed)],
                [said.migrated, figures.whole(known.migrated)],
                [said.first, <Age key="" time={known.firstLaunchAt} />], [said.last, <Age key="" time={known.lastLaunchAt} />],
              ]} />
            </Card>
            <Card title={said.tokens} isFlush>
              <Tokens lines={tokens.map((token) => ({ token }))} caption={said.tokens} file={`creator-${address}`} />
            </Card>
          </>
        )}
      </Answer>
    </div>
  );
}
