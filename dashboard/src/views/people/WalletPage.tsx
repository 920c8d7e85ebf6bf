/** What an address holds, and its newest trades. */
import { Link, useParams } from "react-router";
import { figures } from "../../model/figures.js";
import { texts } from "../../model/texts.js";
import { tokenTexts } from "../../model/token/texts.js";
import type { Trade } from "../../model/types.js";
import { useWalletQuery, type WalletView } from "../../state/tokenApi.js";
import { Amount } from "../parts/Figure.js";
import { Note } from "../parts/Note.js";
import { useTitle } from "../parts/useTitle.js";
import { Answer, Card } from "../table/Card.js";
import { type DataColumn, DataTable } from "../table/DataTable.js";
import { TRADE_COLUMNS } from "../token/TradesCard.js";
import { Address } from "./Address.js";
import { Person } from "./Person.js";
import css from "./People.module.css";

const POLL_MS = 10_000;
const { wallet: said, holders: held } = tokenTexts;
type Position = WalletView["positions"][number];

const POSITIONS: readonly DataColumn<Position>[] = [
  {
    key: "symbol", title: tokenTexts.similar.token, isHead: true, text: ({ symbol }) => symbol,
    cell: ({ mint, symbol, name }) => <Link to={`/token/${mint}`}><strong>{symbol ?? texts.unknown}</strong> {name ?? texts.unnamed}</Link>,
  },
  { key: "mint", title: "Mint", text: ({ mint }) => mint },
  { key: "amount", title: held.amount, text: ({ amount }) => amount, cell: ({ amount }) => <Amount value={amount} /> },
  { key: "share", title: held.share, text: ({ share }) => share, cell: ({ share }) => figures.share(share) },
];

export default function WalletPage() {
  const { address = "" } = useParams();
  useTitle(`${said.title} ${address}`);
  const answer = useWalletQuery(address, { pollingInterval: POLL_MS, skipPollingIfUnfocused: true });
  return (
    <div className={css.page}>
      <Person title={said.title} address={address}><Link to={`/creator/${address}`}>{said.asCreator}</Link></Person>
      <Answer of={{ ...answer, data: answer.currentData }}>
        {(wallet) => (
          <>
            <Card title={said.positions} isFlush>
              {wallet.positions.length === 0 ? <Note title={said.noPositions} /> : (
                <DataTable caption={said.positions} columns={POSITIONS} rows={wallet.positions} keyOf={({ mint }) => mint} file={`positions-${address}`} />
              )}
            </Card>
            <Card title={said.trades} isFlush>
              {wallet.trades.length === 0 ? <Note title={said.noTrades} /> : (
                <DataTable caption={said.trades} columns={columnsOf(wallet)} rows={wallet.trades} keyOf={({ id }) => id} file={`wallet-${address}`} />
              )}
            </Card>
          </>
        )}
      </Answer>
    </div>
  );
}

/** The trades of one trader: of which token stands where the trader would. */
function columnsOf({ positions }: WalletView): readonly DataColumn<Trade>[] {
  const symbols = new Map(positions.map(({ mint, symbol }) => [mint, symbol]));
  const token: DataColumn<Trade> = {
    key: "token", title: tokenTexts.similar.token, isText: true, text: ({ mint }) => mint,
    cell: ({ mint }) => symbols.get(mint) ? <Link to={`/token/${mint}`}>{symbols.get(mint)}</Link> : <Address address={mint} to="token" />,
  };
  return TRADE_COLUMNS.flatMap((one) => (one.key === "trader" ? [token] : [one]));
}
