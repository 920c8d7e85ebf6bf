/** What was read in a text: its category, what it claims, and what speaks against it. */
import { figures } from "../../model/figures.js";
import { nameIn, texts } from "../../model/texts.js";
import { spamOf } from "../../model/token/signals.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Post } from "../../model/types.js";
import css from "./Parts.module.css";

const said = tokenTexts.project;

export function Analysis({ project }: { project: Post["project"] }) {
  if (!project) return <p className={css.quiet}>{said.unread}</p>;
  const scores = Object.entries(project.scores ?? {}).sort(([, one], [, other]) => other - one);
  const spam = spamOf(project);
  const claims = project.features ?? [];
  return (
    <>
      <dl className={css.scores} aria-label={said.category}>
        {scores.map(([name, score]) => (
          <div key={name}>
            <dt>{nameIn(texts.categories, name)}</dt>
            <dd className={css.meter} aria-hidden="true"><span style={{ width: `${score * 100}%` }} /></dd>
            <dd>{figures.share(score)}</dd>
          </div>
        ))}
      </dl>
      {claims.length > 0 && (
        <ul className={css.chips} aria-label={said.features}>
          {claims.map(({ name, span, text }) => <li key={`${name} ${span.join()}`} title={`“${text}”`}>{nameIn({}, name)}</li>)}
        </ul>
      )}
      {spam && spam.reasons.length > 0 && (
        <ul className={css.chips} aria-label={said.spam}>
          {spam.reasons.map((reason) => <li key={reason} data-warn>{nameIn({}, reason)}</li>)}
        </ul>
      )}
      <p className={css.line}>
        {project.language && <span>{said.language}: {project.language}</span>}
        {spam && <span>{said.spam}: {spam.score > 0 ? figures.share(spam.score) : said.none}</span>}
        {project.engine && <span>{said.engine(project.engine, project.version ?? "")}{project.degraded && `, ${said.degraded}`}</span>}
      </p>
    </>
  );
}
