/** Short tables of tokens: similar ones, those of a creator, those of a post. */
import { Link } from "react-router";
import { figures } from "../../model/figures.js";
import { nameIn, texts } from "../../model/texts.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Token } from "../../model/types.js";
import { Age, Amount, Change } from "../parts/Figure.js";
import { Picture } from "../parts/Picture.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import css from "./Parts.module.css";

export interface TokenLine {
  token: Token;
  similarity?: number;
}

const NAMES: readonly DataColumn<TokenLine>[] = [
  { key: "token", title: tokenTexts.similar.token, isHead: true, text: ({ token }) => token.symbol, cell: ({ token }) => <Named token={token} /> },
  { key: "mint", title: "Mint", text: ({ token }) => token.mint },
  { key: "name", title: "Name", text: ({ token }) => token.name },
];
const SIMILARITY: DataColumn<TokenLine> = {
  key: "similarity", title: tokenTexts.similar.similarity, text: ({ similarity }) => similarity, cell: ({ similarity }) => figures.share(similarity),
};
const FIGURES: readonly DataColumn<TokenLine>[] = [
  { key: "stage", title: tokenTexts.similar.stage, isText: true, isWide: true, text: ({ token }) => token.stage, cell: ({ token }) => texts.stages[token.stage] },
  { key: "marketCap", title: tokenTexts.similar.marketCap, text: ({ token }) => token.marketCap, cell: ({ token }) => <Amount value={token.marketCap} unit={token.quote.symbol} /> },
  { key: "change", title: texts.row.change("24h"), isWide: true, text: ({ token }) => token.windows["24h"]?.priceChange, cell: ({ token }) => <Change share={token.windows["24h"]?.priceChange} /> },
  { key: "age", title: texts.row.age, text: ({ token }) => token.launchedAt, cell: ({ token }) => <Age time={token.launchedAt} /> },
];

export function Tokens({ lines, caption, file }: { lines: readonly TokenLine[]; caption: string; file?: string }) {
  const isSimilar = lines.some(({ similarity }) => similarity !== undefined);
  const columns = [...NAMES, ...(isSimilar ? [SIMILARITY] : []), ...FIGURES];
  return <DataTable caption={caption} columns={columns} rows={lines} keyOf={({ token }) => token.mint} {...(file ? { file } : {})} />;
}

function Named({ token }: { token: Token }) {
  return (
    <span className={css.token}>
      <Picture token={token} size={28} />
      <span>
        <Link to={`/token/${token.mint}`}><strong>{token.symbol ?? texts.unknown}</strong> {token.name ?? texts.unnamed}</Link>
        <small>{nameIn(texts.launchpads, token.launchpad ?? "")}</small>
      </span>
    </span>
  );
}
