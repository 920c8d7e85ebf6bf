/** Trading within windows that end now, by the chain's time. */
import { figures } from "../../model/figures.js";
import { WINDOWS } from "../../model/filters.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Token, Window } from "../../model/types.js";
import { Amount, Change } from "../parts/Figure.js";
import { Card } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import css from "./Parts.module.css";

const said = tokenTexts.windows;
type Row = { window: Window } & NonNullable<Token["windows"][string]>;

const COLUMNS: readonly DataColumn<Row>[] = [
  { key: "window", title: said.window, isHead: true, text: ({ window }) => window, cell: ({ window }) => window },
  { key: "volume", title: said.volume, text: ({ volume }) => volume, cell: ({ volume }) => <Amount value={volume} /> },
  { key: "change", title: said.change, text: ({ priceChange }) => priceChange, cell: ({ priceChange }) => <Change share={priceChange} /> },
  { key: "traders", title: said.traders, text: ({ traders }) => traders, cell: ({ traders }) => figures.whole(traders) },
  { key: "trades", title: said.trades, text: ({ trades }) => trades, cell: (row) => <Split {...row} /> },
  { key: "buys", title: said.buys, text: ({ buys }) => buys },
  { key: "sells", title: said.sells, text: ({ sells }) => sells },
];

export function Windows({ token }: { token: Token }) {
  const rows = WINDOWS.flatMap((window) => {
    const known = token.windows[window];
    return known ? [{ window, ...known }] : [];
  });
  return (
    <Card title={said.title} area="windows" isFlush aside={token.quote.symbol}>
      <DataTable caption={said.title} columns={COLUMNS} rows={rows} keyOf={({ window }) => window} />
    </Card>
  );
}

function Split({ trades, buys, sells }: Row) {
  const text = said.split(figures.whole(buys), figures.whole(sells));
  return (
    <span className={css.split} title={text}>
      {figures.whole(trades)}
      <span className={css.sides} role="img" aria-label={text}>
        <span style={{ flexGrow: buys }} data-side="buy" />
        <span style={{ flexGrow: sells }} data-side="sell" />
      </span>
    </span>
  );
}
