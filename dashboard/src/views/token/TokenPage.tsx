/** One token: its chart, trades, holders and post. */
import { useParams } from "react-router";
import type { Token } from "../../model/types.js";
import { usePlace } from "../../state/hooks.js";

export default function TokenPage() {
  const { mint = "" } = useParams();
  const { data } = usePlace<Token>({ channel: "token", key: mint });
  return <h1>{data?.name ?? mint}</h1>;
}
