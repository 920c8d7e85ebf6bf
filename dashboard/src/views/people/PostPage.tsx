/** One post: what it says, what was read in it, the tokens it asked for, posts like it. */
import { useParams } from "react-router";
import { figures } from "../../model/figures.js";
import { texts } from "../../model/texts.js";
import { tokenTexts } from "../../model/token/texts.js";
import { useBatchQuery } from "../../state/api.js";
import { type PostView, usePostQuery, useSimilarPostsQuery } from "../../state/tokenApi.js";
import { Note } from "../parts/Note.js";
import { useTitle } from "../parts/useTitle.js";
import { Answer, Card } from "../table/Card.js";
import { PostText } from "../token/PostCard.js";
import { Analysis } from "../token/Project.js";
import { Tokens } from "../token/Tokens.js";
import parts from "../token/Parts.module.css";
import { Engagement } from "./Engagement.js";
import css from "./People.module.css";

const { posts: said } = tokenTexts;

export default function PostPage() {
  const { id = "" } = useParams();
  const answer = usePostQuery(id);
  const similar = useSimilarPostsQuery(id);
  const post = answer.currentData?.post;
  const title = post ? texts.search.post(post.author.username ?? texts.unknown) : said.title;
  useTitle(title);
  return (
    <div className={css.page}>
      <header className={css.head}><h1>{title}</h1></header>
      <Answer of={{ ...answer, data: answer.currentData }}>
        {({ post: known, links, engagement }) => (
          <>
            <Card title={tokenTexts.project.title} isFlush>
              <div className={parts.post}><PostText post={known} isLinked={false} /><Analysis project={known.project} /></div>
            </Card>
            <Engagement id={id} points={engagement ?? []} />
            <Linked links={links} />
          </>
        )}
      </Answer>
      {(similar.currentData?.items.length ?? 0) > 0 && (
        <Card title={said.similar} isFlush>
          {similar.currentData?.items.map(({ post: one, similarity }) => (
            <article key={one.id} className={parts.post}>
              <p className={parts.line}>{tokenTexts.similar.similarity}: <b>{figures.share(similarity)}</b></p>
              <PostText post={one} />
            </article>
          ))}
        </Card>
      )}
    </div>
  );
}

function Linked({ links }: { links: PostView["links"] }) {
  const mints = links.filter(({ status }) => status !== "withdrawn").map(({ mint }) => mint);
  const answer = useBatchQuery(mints, { skip: mints.length === 0 });
  return (
    <Card title={said.tokens} isFlush>
      {mints.length === 0 ? <Note title={texts.column.empty} /> : (
        <Answer of={answer}>{({ items }) => <Tokens lines={items.map((token) => ({ token }))} caption={said.tokens} />}</Answer>
      )}
    </Card>
  );
}
