/** One board: its tokens in the server's order, which rests while somebody reads it. */
import { useRef } from "react";
import { type BoardName, type Filters } from "../../model/filters.js";
import { figures } from "../../model/figures.js";
import { texts } from "../../model/texts.js";
import type { Token, Window } from "../../model/types.js";
import { Note, Waiting } from "../parts/Note.js";
import { ROW_HEIGHT, TokenRow } from "../rows/TokenRow.js";
import { VirtualList } from "../rows/VirtualList.js";
import { useHeld } from "../rows/useHeld.js";
import { useReading } from "../rows/useReading.js";
import { type Board, useBoard } from "./useBoard.js";
import css from "./Column.module.css";

interface ColumnProps {
  name: BoardName;
  filters: Filters;
  window: Window;
  onReset: () => void;
}

export function Column({ name, filters, window, onReset }: ColumnProps) {
  const board = useBoard(name, filters);
  const scroll = useRef<HTMLDivElement>(null);
  const reading = useReading();
  const { shown, news, hasMoved } = useHeld(board.tokens ?? [], reading.isReading);
  const title = texts.boards[name];
  return (
    <section className={css.column} aria-label={title} data-board={name} {...reading.handlers}>
      <header className={css.head}>
        <h2 title={texts.boards.about[name]}>{title}</h2>
        {board.tokens && <span className={css.count}>{figures.whole(shown.length)}</span>}
        <span className={css.state}>
          {board.isRefilling && <span className={css.refilling}>{texts.column.refilling}</span>}
          {board.isPolled && <span title={texts.column.polled}>↻ 2 s</span>}
        </span>
        {hasMoved && (
          <button
            type="button" className={css.news} title={texts.column.held}
            onClick={() => {
              scroll.current?.scrollTo({ top: 0 });
              reading.stop();
            }}
          >
            {news ? texts.column.news(news) : texts.column.moved}
            <span className="hidden">. {texts.column.toTop}</span>
          </button>
        )}
      </header>
      <Body {...{ board, shown, filters, onReset }}>
        <VirtualList
          items={shown} keyOf={mintOf} rowHeight={ROW_HEIGHT} scrollRef={scroll} onScroll={reading.scrolled}
          label={texts.column.list(title)}
          row={(token, isCurrent) => (
            <TokenRow {...{ token, window, isCurrent }} when={name === "graduated" ? "completedAt" : "launchedAt"} />
          )}
        />
      </Body>
    </section>
  );
}

const mintOf = ({ mint }: Token) => mint;

interface BodyProps {
  board: Board;
  shown: readonly Token[];
  filters: Filters;
  onReset: () => void;
  children: React.ReactNode;
}

function Body({ board, shown, filters, onReset, children }: BodyProps) {
  if (board.hasFailed && !shown.length) {
    return (
      <Note title={texts.column.failed} isAlert>
        <button type="button" onClick={board.again}>{texts.column.again}</button>
      </Note>
    );
  }
  if (!board.tokens) return <Waiting rows={6} label={texts.loading} />;
  if (shown.length) return children;
  if (!Object.keys(filters).length) return <Note title={texts.column.empty} />;
  return (
    <Note title={texts.column.emptyFiltered}>
      <button type="button" onClick={onReset}>{texts.column.reset}</button>
    </Note>
  );
}
