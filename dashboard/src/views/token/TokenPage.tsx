/** One token: its chart, trades, holders, creator and post. */
import { useEffect } from "react";
import { Link, useParams } from "react-router";
import { texts } from "../../model/texts.js";
import { tokenTexts } from "../../model/token/texts.js";
import { useAppDispatch } from "../../state/hooks.js";
import { visited } from "../../state/prefs.js";
import { Note, Waiting } from "../parts/Note.js";
import { useTitle } from "../parts/useTitle.js";
import { CreatorCard, SignalsCard, SimilarCard } from "./Beside.js";
import { ChartCard } from "./ChartCard.js";
import { CurveCard } from "./CurveCard.js";
import { Header } from "./Header.js";
import { HoldersCard } from "./HoldersCard.js";
import { PostCard } from "./PostCard.js";
import { TradesCard } from "./TradesCard.js";
import { useToken } from "./useToken.js";
import { Windows } from "./Windows.js";
import css from "./TokenPage.module.css";

export default function TokenPage() {
  const { mint = "" } = useParams();
  // Another token is another page: nothing of the one before may stay.
  return <Page key={mint} mint={mint} />;
}

function Page({ mint }: { mint: string }) {
  const { token, isUnknown, isError, isLive, refetch } = useToken(mint);
  const dispatch = useAppDispatch();
  const isThere = token !== null;
  useTitle(token ? `${token.symbol ?? ""} ${token.name ?? ""}`.trim() || mint : mint);
  useEffect(() => {
    if (isThere) dispatch(visited(mint));
  }, [dispatch, isThere, mint]);
  if (!token) {
    const heading = <h1 className="hidden">{mint}</h1>;
    if (isUnknown) return <>{heading}<Note title={tokenTexts.unknownToken}><p>{tokenTexts.unknownHint}</p><Link to="/">{texts.missing.back}</Link></Note></>;
    if (isError) return <>{heading}<Note title={tokenTexts.failed} isAlert><button type="button" onClick={() => void refetch()}>{tokenTexts.again}</button></Note></>;
    return <>{heading}<Waiting rows={8} label={texts.loading} /></>;
  }
  return (
    <div className={css.page}>
      <Header {...{ token, isLive }} />
      <div className={css.columns}>
        <div className={css.main}>
          <ChartCard token={token} />
          <TradesCard token={token} />
          <PostCard token={token} />
          <SimilarCard mint={mint} />
        </div>
        <div className={css.side}>
          <Windows token={token} />
          <CurveCard token={token} />
          <SignalsCard token={token} />
          <HoldersCard token={token} />
          <CreatorCard token={token} />
        </div>
      </div>
    </div>
  );
}
