/** The post that asked for a token, or those that may have, with what was read in them. */
import { Link } from "react-router";
import { figures } from "../../model/figures.js";
import { lasting, tokenTexts } from "../../model/token/texts.js";
import type { LinkedPost, Post, Token } from "../../model/types.js";
import { useLinkedPostsQuery } from "../../state/tokenApi.js";
import { Age } from "../parts/Figure.js";
import { Outside } from "../people/Address.js";
import { Answer, Card } from "../table/Card.js";
import { Analysis } from "./Project.js";
import css from "./Parts.module.css";

const said = tokenTexts.posts;

export function PostCard({ token }: { token: Token }) {
  const answer = useLinkedPostsQuery(token.mint);
  const { post, project } = token;
  return (
    <Card title={said.title} area="post" isFlush aside={post.status === "ambiguous" ? <span className={css.warn}>{said.ambiguous}</span> : null}>
      <Answer of={{ ...answer, data: answer.currentData }} rows={2}>
        {({ items }) => items.length ? items.map((one) => <Linked key={one.id} linked={one} token={token} />) : (
          <div className={css.post}>
            <p>{post.status === "pending" ? said.pending : said.empty}</p>
            {project && <><h3 className={css.small}>{tokenTexts.project.title}</h3><Analysis project={project} /></>}
          </div>
        )}
      </Answer>
    </Card>
  );
}

function Linked({ linked, token }: { linked: LinkedPost; token: Token }) {
  const { post, relation, confidence, score } = linked;
  const { delayMs, evidence } = token.post;
  const isMatched = relation === "matched";
  return (
    <article className={css.post}>
      <p className={css.line}>
        <b>{said[relation]}</b>
        {confidence !== null && confidence !== undefined && <span>{said.confidence(figures.share(confidence))}</span>}
        {score !== null && score !== undefined && <span>{said.score(score)}</span>}
        {isMatched && typeof delayMs === "number" && <span>{delayMs >= 0 ? said.delay(lasting(delayMs)) : said.early(lasting(delayMs))}</span>}
        {isMatched && (evidence?.length ?? 0) > 0 && <span>{said.evidence}: {evidence?.join(", ")}</span>}
      </p>
      {post ? <PostText post={post} /> : <p className={css.quiet}>{said.deleted}</p>}
      {!post && <p className={css.line}><Outside href={linked.url}>{said.onX}</Outside></p>}
      {post && <Analysis project={post.project} />}
    </article>
  );
}

/** What somebody wrote, who, and when. */
export function PostText({ post, isLinked = true }: { post: Post; isLinked?: boolean }) {
  const { author, command } = post;
  return (
    <>
      <blockquote cite={post.url}>{post.text}</blockquote>
      <p className={css.line}>
        <b>{author.name ?? author.username ?? author.id}</b>
        {author.username && <span>@{author.username}</span>}
        {author.verified && <span>{said.verified}</span>}
        {author.followers !== null && author.followers !== undefined && <span>{figures.count(author.followers)} {said.followers}</span>}
        <Age time={post.createdAt} />
        {isLinked ? <Link to={`/post/${post.id}`}>{said.title}</Link> : null}
        <Outside href={post.url}>{said.onX}</Outside>
      </p>
      {command && (
        <p className={css.line}>
          <span>{said.asked} {command.ticker && <b>${command.ticker}</b>} {command.name && <b>{command.name}</b>} · @{command.addressee}</span>
          <span>{said.confidence(figures.share(command.confidence))}</span>
        </p>
      )}
    </>
  );
}
