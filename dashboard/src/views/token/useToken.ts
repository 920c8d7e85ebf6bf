/** A token as REST has it at first, and as the live feed has it from then on. */
import { newer } from "../../model/stream/merge.js";
import { truthOf } from "../../model/stream/health.js";
import type { Mint, Token } from "../../model/types.js";
import { useTokenQuery } from "../../state/api.js";
import { useAppSelector, usePlace } from "../../state/hooks.js";

export interface KnownToken {
  token: Token | null;
  /** Nobody has seen it. */
  isUnknown: boolean;
  isError: boolean;
  /** What is shown follows the chain now. */
  isLive: boolean;
  refetch: () => unknown;
}

const POLL_MS = 3_000;
const NOT_FOUND = 404;
/** An address that is none. */
const UNPROCESSABLE = [400, 422];

export function useToken(mint: Mint): KnownToken {
  const truth = useAppSelector(({ live }) => truthOf(live));
  // Where a WebSocket is not let through, REST goes on.
  const pollingInterval = truth === "waiting" || truth === "over" ? POLL_MS : 0;
  const rest = useTokenQuery(mint, { pollingInterval, skipPollingIfUnfocused: true });
  const place = usePlace<Partial<Token>>({ channel: "token", key: mint });
  const isFollowed = place.data?.mint !== undefined;
  const known = rest.currentData ?? null;
  const token = isFollowed ? newer(known, place.data as Token) : known;
  const status = rest.error && "status" in rest.error ? rest.error.status : null;
  const isUnknown = !token && (status === NOT_FOUND || UNPROCESSABLE.some((one) => one === status));
  return {
    token, isUnknown, isError: rest.isError && !isUnknown,
    isLive: truth === "live" && isFollowed && place.health === "live", refetch: rest.refetch,
  };
}
