/** The boards, side by side. */
import { type BoardState, tokensOf } from "../../model/stream/merge.js";
import { texts } from "../../model/texts.js";
import { usePlace } from "../../state/hooks.js";

const NAMES = ["new", "graduating", "graduated", "trending"] as const;

export function BoardsPage() {
  return NAMES.map((name) => <Column key={name} name={name} />);
}

function Column({ name }: { name: (typeof NAMES)[number] }) {
  const { data } = usePlace<BoardState>({ channel: "board", key: name, maxRate: 4 });
  return (
    <section>
      <h2>{texts.boards[name]}</h2>
      <ol>{data && tokensOf(data).map((token) => <li key={token.mint}>{token.symbol}</li>)}</ol>
    </section>
  );
}
